use adyton_codec::CodecError;
use adyton_types::ErrorClass;
use thiserror::Error;

/// Why bytes are not one of this protocol's structures.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WireFault {
    /// Not the one accepted encoding, or fields of another kind.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A field is not what it should be.
    #[error("field `{field}` is not what it should be")]
    Field {
        /// Its name.
        field: &'static str,
    },
    /// A number is out of range.
    #[error("field `{field}` is out of range: {found}")]
    Number {
        /// Its name.
        field: &'static str,
        /// The number.
        found: u64,
    },
}

impl WireFault {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}
