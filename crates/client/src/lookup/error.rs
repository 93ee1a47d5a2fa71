use adyton_lookup::ClientError;
use adyton_transport::TransportError;
use adyton_types::ErrorClass;
use thiserror::Error;

/// Why a look-up, or a load, came to nothing.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LookupClientError {
    /// The service could not be reached, or is not the one that was pinned.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The service is not trusted, or what it says does not open.
    #[error(transparent)]
    Session(#[from] ClientError),
    /// The service refused.
    #[error("the service at {authority} answers: {message}")]
    Service {
        /// Host and port.
        authority: String,
        /// Whose fault it is.
        class: ErrorClass,
        /// What it says.
        message: String,
    },
}

impl LookupClientError {
    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Transport(error) => error.class(),
            Self::Session(error) => error.class(),
            Self::Service { class, .. } => *class,
        }
    }
}
