use adyton_codec::CodecError;
use adyton_types::ErrorClass;
use thiserror::Error;

/// Why a CoRIM was not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CorimError {
    /// It is larger than any.
    #[error("{found} bytes are more than the 2097152 of the largest CoRIM")]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// It is no CBOR, or of kinds of it that CoRIM does not have.
    #[error("not a CoRIM: {0}")]
    Codec(#[from] CodecError),
    /// A part of it is not of its form.
    #[error("not a CoRIM: {at} {rule}")]
    Form {
        /// Which part.
        at: &'static str,
        /// What it has to be.
        rule: &'static str,
    },
    /// It is not signed.
    #[error("the CoRIM is not signed: ask its vendor for the signed one")]
    Unsigned,
    /// It is signed by another algorithm than the signer's key is for.
    #[error(
        "the CoRIM is signed by COSE algorithm {found}, and the signer's key is for {expected}"
    )]
    Algorithm {
        /// That of the key, by its number in COSE.
        expected: i64,
        /// What the CoRIM says.
        found: i64,
    },
    /// The signature does not verify.
    #[error("the signature of the CoRIM does not verify under the signer's key")]
    Signature,
    /// The signer's key is none.
    #[error("the signer's key is none of Ed25519, P-256, P-384 or P-521 (SubjectPublicKeyInfo)")]
    Key,
}

impl CorimError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::TooLong { .. } | Self::Codec(_) | Self::Form { .. } | Self::Key => {
                ErrorClass::Malformed
            }
            Self::Unsigned | Self::Algorithm { .. } | Self::Signature => ErrorClass::Rejected,
        }
    }
}
