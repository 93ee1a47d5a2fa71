/// The most bytes that a key may have: names have 64, digests 48.
pub const MAX_KEY_BYTES: usize = 256;

/// The most bytes that a value may have. A secret is a key or a password, a log entry at most
/// 64 KiB; larger things belong into sealed files.
pub const MAX_VALUE_BYTES: usize = 1 << 20;

/// A table of a store. Declared once, as a constant, by whoever owns its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    pub(crate) id: u8,
    pub(crate) name: &'static str,
    pub(crate) hidden: bool,
}

impl Table {
    /// A table whose keys are stored as a keyed digest. It can be read key by key, or whole.
    ///
    /// `id` is 1 to 254 and, like `name`, never changes and is no other table's.
    ///
    /// # Panics
    /// If the id is 0 or 255: as a constant, the table then does not compile.
    #[must_use]
    pub const fn hidden(id: u8, name: &'static str) -> Self {
        assert!(
            id != 0 && id != 255,
            "the ids 0 and 255 are the store's own"
        );
        Self {
            id,
            name,
            hidden: true,
        }
    }

    /// A table whose keys are stored as they are, in order. For keys that say nothing, such as
    /// indices.
    ///
    /// `id` is 1 to 254 and, like `name`, never changes and is no other table's.
    ///
    /// # Panics
    /// If the id is 0 or 255: as a constant, the table then does not compile.
    #[must_use]
    pub const fn ordered(id: u8, name: &'static str) -> Self {
        assert!(
            id != 0 && id != 255,
            "the ids 0 and 255 are the store's own"
        );
        Self {
            id,
            name,
            hidden: false,
        }
    }
}
