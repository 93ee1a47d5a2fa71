use adyton_crypto::{CryptoError, SignedError};
use adyton_types::{ErrorClass, Fingerprint, Name};
use thiserror::Error;

use crate::{ProofError, WireError};

/// Why an enclave does not accept a challenge, an answer or a denial.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Its form is wrong.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// It is not signed by the broker's answer key as what it should be.
    #[error("not signed by the broker")]
    Signed(#[from] SignedError),
    /// It is another broker's.
    #[error("it is from broker `{found}`, not from `{expected}`")]
    Card {
        /// The pinned id.
        expected: Fingerprint,
        /// The id found.
        found: Fingerprint,
    },
    /// It answers another request.
    #[error("it answers another request")]
    Request,
    /// A secret that was asked for is not there.
    #[error("secret `{secret}` was asked for and is not there")]
    Missing {
        /// Its name.
        secret: Name,
    },
    /// A secret is there twice.
    #[error("secret `{secret}` is there twice")]
    Twice {
        /// Its name.
        secret: Name,
    },
    /// A secret is there that was not asked for.
    #[error("secret `{secret}` was not asked for")]
    Unasked {
        /// Its name.
        secret: Name,
    },
    /// The broker's log does not prove the release.
    #[error("the log does not prove the release of secret `{secret}`")]
    Proof {
        /// The secret's name.
        secret: Name,
        /// What is wrong with the proof.
        #[source]
        why: ProofError,
    },
    /// A secret does not open.
    #[error("secret `{secret}` does not open")]
    Sealed {
        /// Its name.
        secret: Name,
        /// The cause.
        #[source]
        why: CryptoError,
    },
}

impl AnswerError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Wire(error) => error.class(),
            Self::Signed(error) => error.class(),
            Self::Proof { why, .. } => why.class(),
            Self::Sealed { why, .. } => why.class(),
            Self::Card { .. }
            | Self::Request
            | Self::Missing { .. }
            | Self::Twice { .. }
            | Self::Unasked { .. } => ErrorClass::Rejected,
        }
    }
}
