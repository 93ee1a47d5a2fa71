/// How many keys a query has, padding included. Public: it is all that a query's length says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryClass(usize);

/// Keys of the largest query. Half a batch, so that one client alone never fills it, and of the
/// longest keys a megabyte. More keys are more queries.
pub const MAX_QUERY_KEYS: usize = 1 << 15;

/// Powers of two, and from 1,024 on what is between: few classes, and not much padding.
const CLASSES: [usize; 14] = [
    16,
    64,
    256,
    512,
    1024,
    1536,
    2048,
    3072,
    4096,
    6144,
    8192,
    12_288,
    16_384,
    MAX_QUERY_KEYS,
];

impl QueryClass {
    /// All of them, the smallest first.
    pub fn all() -> impl Iterator<Item = Self> {
        CLASSES.into_iter().map(Self)
    }

    /// The smallest that holds so many keys, if there is one.
    #[must_use]
    pub fn holding(keys: usize) -> Option<Self> {
        Self::all().find(|class| class.0 >= keys)
    }

    /// The class with exactly so many keys, if there is one.
    #[must_use]
    pub fn of(keys: usize) -> Option<Self> {
        Self::all().find(|class| class.0 == keys)
    }

    /// Its keys.
    #[must_use]
    pub const fn keys(self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_query_has_a_class() {
        assert_eq!(QueryClass::holding(0), QueryClass::of(16));
        assert_eq!(QueryClass::holding(5000), QueryClass::of(6144));
        assert_eq!(QueryClass::holding(MAX_QUERY_KEYS), QueryClass::of(32_768));
        assert_eq!(QueryClass::holding(MAX_QUERY_KEYS + 1), None);
        assert_eq!(QueryClass::of(5000), None);
        assert!(QueryClass::all().is_sorted());
    }
}
