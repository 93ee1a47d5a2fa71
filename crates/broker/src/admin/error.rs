use adyton_codec::CodecError;
use adyton_types::{ErrorClass, Name, NameError};
use thiserror::Error;

use crate::{DocumentError, StateError};

/// Why an owner's command was not carried out.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AdminError {
    /// It is no command or reply in the one accepted encoding.
    #[error("not a broker command: {0}")]
    Codec(#[from] CodecError),
    /// It is no command that this broker knows.
    #[error("the broker does not know the command `{name}`")]
    UnknownCommand {
        /// Its name.
        name: String,
    },
    /// A name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A secret is empty or too long.
    #[error("a secret has 1 to {max} bytes, not {found}")]
    SecretLength {
        /// The limit.
        max: usize,
        /// Its length.
        found: usize,
    },
    /// A note is too long.
    #[error("a note has at most {max} bytes, not {found}")]
    NoteLength {
        /// The limit.
        max: usize,
        /// Its length.
        found: usize,
    },
    /// The release document is none.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// There is no such secret.
    #[error("there is no secret `{name}`")]
    NoSecret {
        /// The name.
        name: Name,
    },
    /// The secret has no release document.
    #[error("the secret `{name}` has no release document")]
    NoDocument {
        /// The name.
        name: Name,
    },
    /// The state could not be read or written.
    #[error(transparent)]
    State(#[from] StateError),
}

impl AdminError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Codec(_)
            | Self::Name(_)
            | Self::SecretLength { .. }
            | Self::NoteLength { .. } => ErrorClass::Malformed,
            Self::UnknownCommand { .. } => ErrorClass::Misuse,
            Self::Document(error) => error.class(),
            Self::NoSecret { .. } | Self::NoDocument { .. } => ErrorClass::Rejected,
            Self::State(error) => error.class(),
        }
    }
}
