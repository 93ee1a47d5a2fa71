use adyton_protocol::{RequestError, SealError, TokenError};
use adyton_types::{ErrorClass, Fingerprint};
use adyton_verifier::VerifyError;
use thiserror::Error;

use crate::StateError;

/// Why a request was neither granted nor denied: it never came to a decision. Nothing is logged,
/// since anybody can send such a request.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// It is no request, or does not hang together.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Its token is not a fresh one of this broker.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Its token has run out while the request waited.
    #[error("the token ran out while the request waited; fetch a new challenge")]
    TokenRanOut,
    /// It is meant for another broker.
    #[error("the request is for the broker `{found}`, and this is `{expected}`")]
    AnotherBroker {
        /// This broker's id.
        expected: Fingerprint,
        /// The id in the request.
        found: Fingerprint,
    },
    /// Its Evidence does not verify.
    #[error(transparent)]
    Evidence(#[from] VerifyError),
    /// The state could not be read or written. If the request was recorded all the same, sending it
    /// again brings the answer without counting twice.
    #[error(transparent)]
    State(#[from] StateError),
    /// The answer could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl ReleaseError {
    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Request(error) => error.class(),
            Self::Token(error) => error.class(),
            Self::TokenRanOut => ErrorClass::Stale,
            Self::AnotherBroker { .. } => ErrorClass::Rejected,
            Self::Evidence(error) => error.class(),
            Self::State(error) => error.class(),
            Self::Seal(error) => error.class(),
        }
    }
}
