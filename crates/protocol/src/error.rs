use adyton_codec::CodecError;
use adyton_crypto::CryptoError;
use adyton_types::{ErrorClass, NameError, UnknownTeeKind};
use thiserror::Error;

/// Why bytes are not one of this protocol's structures.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WireError {
    /// Not the one accepted encoding, or fields of another kind.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The kind of TEE is unknown.
    #[error(transparent)]
    TeeKind(#[from] UnknownTeeKind),
    /// A public key is not valid.
    #[error("field `{field}` is not a valid public key")]
    PublicKey {
        /// The field's name.
        field: &'static str,
    },
    /// There is more of something than the format allows, or nothing at all.
    #[error("field `{field}` has a length of {found}, which is empty or beyond {max}")]
    Length {
        /// The field's name.
        field: &'static str,
        /// The limit.
        max: usize,
        /// What was found: bytes, or items of a list.
        found: usize,
    },
    /// A field breaks a rule of its format.
    #[error("field `{field}` is not {rule}")]
    Rule {
        /// The field's name.
        field: &'static str,
        /// What it should be.
        rule: &'static str,
    },
}

impl WireError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }

    pub(crate) fn public_key(field: &'static str) -> impl FnOnce(CryptoError) -> Self {
        move |_| Self::PublicKey { field }
    }
}
