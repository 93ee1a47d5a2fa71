use adyton_types::ErrorClass;
use thiserror::Error;

/// Why a cryptographic operation did not yield a value.
///
/// Deliberately coarse: which byte was wrong is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CryptoError {
    /// A public key is not a valid point, or not of the right length.
    #[error("the public key is not valid")]
    PublicKey,
    /// A signature does not verify.
    #[error("the signature does not verify")]
    Signature,
    /// A message authentication code does not match.
    #[error("the authentication code does not match")]
    Mac,
    /// A ciphertext does not open: another key, other associated data, or altered bytes.
    #[error("the ciphertext does not open: it was altered, or is meant for another key or context")]
    Open,
}

impl CryptoError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(self) -> ErrorClass {
        match self {
            Self::PublicKey => ErrorClass::Malformed,
            Self::Signature | Self::Mac | Self::Open => ErrorClass::Rejected,
        }
    }
}
