use adyton_appraisal::{FailedClaim, PolicyError};
use adyton_crypto::CryptoError;
use adyton_tokens::TokenError;
use adyton_types::{ErrorClass, Fingerprint};
use adyton_verifier::VerifyError;
use thiserror::Error;

use crate::fault::WireFault;

/// Why a client does not go on with a service.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The service's welcome is none.
    #[error("the service's answer is no welcome: {0}")]
    Welcome(#[from] WireFault),
    /// The table is somebody else's.
    #[error("the service serves the table of owner {found}, not of {expected}: nothing was asked")]
    OtherOwner {
        /// The pinned owner.
        expected: Fingerprint,
        /// The owner whom the terms name.
        found: Fingerprint,
    },
    /// A pinned platform can be anybody's, so that it would vouch for any service.
    #[error("a pinned platform proves nothing, so nothing was asked: {0}")]
    Pins(#[from] PolicyError),
    /// The Evidence is not authentic, or not about this session.
    #[error("the service's Evidence does not verify, so nothing was asked: {0}")]
    Evidence(#[from] VerifyError),
    /// The platform is not an accepted one.
    #[error("the service runs on a platform that is not accepted: nothing was asked")]
    Platform {
        /// Every claim that failed.
        failed: Vec<FailedClaim>,
    },
    /// The key cannot be sealed to.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The issuer's key cannot be used.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A key is of another kind than the table's.
    #[error("key number {index} is of another kind than the keys of this table")]
    KeyKind {
        /// Which, from 0.
        index: usize,
    },
    /// More keys than a query takes.
    #[error("a query takes {limit} keys, and these are {found}: ask in several queries")]
    TooManyKeys {
        /// How many.
        found: usize,
        /// How many there can be.
        limit: usize,
    },
    /// The service takes tokens, and there are not enough.
    #[error("the query takes {needed} tokens, and there are {left}: get more from the issuer")]
    Tokens {
        /// How many it takes.
        needed: usize,
        /// How many there are.
        left: usize,
    },
    /// Values of another length, or more records than go into one message.
    #[error("the records do not fit into one message, or a value has not the table's length")]
    Rows,
    /// An answer that does not open, or is not what was asked for.
    #[error(
        "the answer does not open, or is to another question: somebody altered it; begin another session"
    )]
    Answer,
}

impl ClientError {
    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Welcome(error) => error.class(),
            Self::OtherOwner { .. } | Self::Platform { .. } | Self::Answer => ErrorClass::Rejected,
            Self::Pins(error) => error.class(),
            Self::Evidence(error) => error.class(),
            Self::Crypto(error) => error.class(),
            Self::Token(error) => error.class(),
            Self::Tokens { .. } => ErrorClass::Unavailable,
            Self::KeyKind { .. } | Self::TooManyKeys { .. } | Self::Rows => ErrorClass::Misuse,
        }
    }
}
