use adyton_types::{ErrorClass, UnixTime};
use thiserror::Error;

use crate::PkiError;

/// Why OCSP does not say that a certificate is good.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OcspError {
    /// The bytes are no response.
    #[error("not an OCSP response")]
    Malformed(#[from] PkiError),
    /// The responder did not answer.
    #[error("the OCSP responder answered with error {status} instead of a status; ask it again")]
    Refused {
        /// RFC 6960 section 4.2.1.
        status: u8,
    },
    /// There is no answer for a certificate.
    #[error("there is no OCSP answer for certificate {index}, serial {serial}; fetch one")]
    Missing {
        /// Place in the path, from the leaf.
        index: usize,
        /// Its serial number in hex.
        serial: String,
    },
    /// Nobody who may answer signed the answer.
    #[error(
        "the OCSP answer for certificate {index} is not signed by its issuer or a responder of it"
    )]
    Responder {
        /// Place in the path, from the leaf.
        index: usize,
    },
    /// The answer was signed for another question.
    #[error("the OCSP answer has another nonce than the question: it is another's, or an old one")]
    Nonce,
    /// The answer is too old, or from the future.
    #[error(
        "the OCSP answer for certificate {index} counts from {this_update} to {next_update}, but it is {now}; fetch a newer one"
    )]
    OutOfDate {
        /// Place in the path, from the leaf.
        index: usize,
        /// From when on.
        this_update: UnixTime,
        /// Until when.
        next_update: UnixTime,
        /// The time of verification.
        now: UnixTime,
    },
    /// The certificate is revoked for good.
    #[error("certificate {index}, serial {serial}, is revoked (reason {reason})")]
    Revoked {
        /// Place in the path, from the leaf.
        index: usize,
        /// Its serial number in hex.
        serial: String,
        /// CRLReason (RFC 5280 section 5.3.1).
        reason: u8,
    },
    /// The certificate is on hold: revoked, for now.
    #[error("certificate {index}, serial {serial}, is on hold")]
    OnHold {
        /// Place in the path, from the leaf.
        index: usize,
        /// Its serial number in hex.
        serial: String,
    },
    /// The responder does not know the certificate.
    #[error("the OCSP responder does not know certificate {index}, serial {serial}")]
    Unknown {
        /// Place in the path, from the leaf.
        index: usize,
        /// Its serial number in hex.
        serial: String,
    },
}

impl OcspError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Malformed(_) => ErrorClass::Malformed,
            Self::Responder { .. }
            | Self::Nonce
            | Self::Revoked { .. }
            | Self::OnHold { .. }
            | Self::Unknown { .. } => ErrorClass::Rejected,
            Self::OutOfDate { .. } => ErrorClass::Stale,
            Self::Refused { .. } | Self::Missing { .. } => ErrorClass::Unavailable,
        }
    }
}
