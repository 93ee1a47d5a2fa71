use adyton_codec::CodecError;
use adyton_crypto::SignedError;
use adyton_types::{ErrorClass, UnknownProtection};
use thiserror::Error;

/// Why Evidence of the software TEE does not verify.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SoftwareEvidenceError {
    /// The bytes are not software Evidence.
    #[error("not software Evidence")]
    Malformed(#[from] CodecError),
    /// The platform key is no point of the curve, or one of small order.
    #[error("the platform key in the Evidence is not valid")]
    PlatformKey,
    /// It is not signed as software Evidence by the key that it names.
    #[error("the Evidence is not signed by the platform key that it names")]
    Signed(#[from] SignedError),
    /// It claims a protection that this Verifier does not know.
    #[error("the Evidence claims an unknown protection")]
    Protection(#[from] UnknownProtection),
    /// The protections are not in ascending order, or one is there twice.
    #[error("the protections in the Evidence are not sorted")]
    ProtectionOrder,
}

impl SoftwareEvidenceError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Malformed(_) | Self::PlatformKey | Self::ProtectionOrder => ErrorClass::Malformed,
            Self::Signed(error) => error.class(),
            Self::Protection(_) => ErrorClass::Rejected,
        }
    }
}

/// Why bytes are not a platform key file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlatformKeyError {
    /// The bytes are no platform key file.
    #[error("not a platform key file; make one with `adyton tee init`")]
    Malformed(#[from] CodecError),
}

impl PlatformKeyError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}
