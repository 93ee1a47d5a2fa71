use std::io;

use adyton_codec::CodecError;
use adyton_types::{ErrorClass, NameError};
use thiserror::Error;

/// Why a message between enclave and host could not be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HatchError {
    /// The other side is gone.
    #[error("the other side closed the connection")]
    Closed,
    /// The other side said nothing for as long as it may take.
    #[error("the other side did not answer in time")]
    TimedOut,
    /// The operating system reports an error.
    #[error("the connection between runner and enclave failed")]
    Io(#[source] io::Error),
    /// A frame claims to be longer than any message.
    #[error("a message of {found} bytes is longer than the limit of {limit}")]
    TooLong {
        /// The claimed length.
        found: usize,
        /// [`MAX_FRAME_BYTES`](crate::MAX_FRAME_BYTES).
        limit: usize,
    },
    /// The bytes are no message.
    #[error("a message between runner and enclave is malformed")]
    Codec(#[from] CodecError),
    /// A name in a message is none.
    #[error("a message between runner and enclave holds a bad name")]
    Name(#[from] NameError),
    /// A message came that has no place at this point.
    #[error("expected the message `{expected}`, found `{found}`")]
    OutOfTurn {
        /// The message that the conversation needs now.
        expected: &'static str,
        /// The message that came.
        found: String,
    },
}

impl HatchError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Closed | Self::TimedOut | Self::Io(_) => ErrorClass::Unavailable,
            Self::TooLong { .. } | Self::Codec(_) | Self::Name(_) | Self::OutOfTurn { .. } => {
                ErrorClass::Malformed
            }
        }
    }
}
