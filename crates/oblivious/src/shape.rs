use crate::error::ObliviousError;

/// What the keys of a table are. Public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// All of the same length, 1 to 8 bytes: a telephone number as a `u64`, say. The fast kind:
    /// tags are a permutation of keys, so different keys never meet.
    Fixed(u8),
    /// Of any length up to [`MAX_KEY_BYTES`], hashed to 128 bits.
    Any,
}

/// Bytes of the longest key.
pub const MAX_KEY_BYTES: usize = 255;
/// Bytes of the longest value.
pub const MAX_VALUE_BYTES: usize = 64;

/// The keys and values of a table. Public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    keys: KeyKind,
    value_bytes: usize,
}

impl Shape {
    /// Values have exactly `value_bytes` bytes, 0 to [`MAX_VALUE_BYTES`].
    ///
    /// # Errors
    /// [`ObliviousError::Shape`] if keys or values are of a size that is not supported.
    pub const fn new(keys: KeyKind, value_bytes: usize) -> Result<Self, ObliviousError> {
        let key_bytes = match keys {
            KeyKind::Fixed(bytes) => bytes as usize,
            KeyKind::Any => 0,
        };
        if value_bytes > MAX_VALUE_BYTES || matches!(keys, KeyKind::Fixed(0 | 9..)) {
            return Err(ObliviousError::Shape {
                key_bytes,
                value_bytes,
            });
        }
        Ok(Self { keys, value_bytes })
    }

    /// What the keys are.
    #[must_use]
    pub const fn keys(self) -> KeyKind {
        self.keys
    }

    /// Bytes of each value.
    #[must_use]
    pub const fn value_bytes(self) -> usize {
        self.value_bytes
    }

    /// Whether records hold a second half of the key's fingerprint.
    pub(crate) const fn is_checked(self) -> bool {
        matches!(self.keys, KeyKind::Any)
    }

    /// Words of a value; one even if it is empty, which says that there is a record.
    pub(crate) const fn value_words(self) -> usize {
        let words = self.value_bytes.div_ceil(8);
        if words == 0 { 1 } else { words }
    }

    /// Words of a record behind its tag: value, then what is left of the fingerprint.
    pub(crate) const fn payload(self) -> usize {
        self.value_words() + self.is_checked() as usize
    }

    /// A value as words.
    pub(crate) fn value(self, bytes: &[u8]) -> Result<[u64; 8], ObliviousError> {
        if bytes.len() != self.value_bytes {
            return Err(ObliviousError::ValueLength {
                found: bytes.len(),
                wanted: self.value_bytes,
            });
        }
        let mut words = [0; 8];
        for (word, bytes) in words.iter_mut().zip(bytes.chunks(8)) {
            *word = little_endian(bytes);
        }
        Ok(words)
    }
}

/// At most eight bytes as a word.
pub(crate) fn little_endian(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}
