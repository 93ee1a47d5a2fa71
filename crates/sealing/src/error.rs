use std::io;

use adyton_types::ErrorClass;
use thiserror::Error;

use crate::limits::MAX_HEADER_BYTES;

/// Why a sealed file does not open.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file does not begin as an age file does.
    #[error("this is no sealed file: it does not begin with `age-encryption.org/v1`")]
    NotSealed,
    /// The file is in age's text form.
    #[error("the sealed file is in text form; make it binary with `age -d`, then seal it again")]
    Armored,
    /// The file is of a later version of the format.
    #[error("the sealed file is of a version of age that is not known here; only v1 is")]
    Version,
    /// The header breaks a rule of the format.
    #[error("the header of the sealed file is not well-formed")]
    Header,
    /// The header is longer than any that this crate writes.
    #[error("the header of the sealed file is longer than {MAX_HEADER_BYTES} bytes")]
    HeaderTooLong,
    /// The identity is none of the file's recipients.
    #[error("the sealed file is not meant for this identity")]
    NotRecipient,
    /// The header was altered after it was written.
    #[error("the header of the sealed file was altered")]
    HeaderAltered,
    /// A chunk of the payload was altered, moved, or comes from another file.
    #[error("the sealed file was altered: chunk {chunk} is not authentic")]
    ChunkAltered {
        /// Number of the chunk, from 0.
        chunk: u64,
    },
    /// The file ends before its last chunk does.
    #[error("the sealed file was cut off")]
    Truncated,
    /// The bytes cannot be read.
    #[error("the sealed file cannot be read")]
    Read(#[source] io::Error),
    /// The opened bytes cannot be written.
    #[error("the opened data cannot be written")]
    Write(#[source] io::Error),
}

impl OpenError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::NotSealed
            | Self::Armored
            | Self::Version
            | Self::Header
            | Self::HeaderTooLong
            | Self::Truncated => ErrorClass::Malformed,
            Self::NotRecipient | Self::HeaderAltered | Self::ChunkAltered { .. } => {
                ErrorClass::Rejected
            }
            Self::Read(_) | Self::Write(_) => ErrorClass::Unavailable,
        }
    }
}

impl From<OpenError> for io::Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Read(error) | OpenError::Write(error) => error,
            OpenError::Truncated => Self::new(io::ErrorKind::UnexpectedEof, error),
            other => Self::new(io::ErrorKind::InvalidData, other),
        }
    }
}

/// Why data was not sealed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SealError {
    /// Nothing can be encapsulated to a recipient's key.
    #[error("recipient `{recipient}` has a key to which nothing can be sealed")]
    Recipient {
        /// The recipient.
        recipient: String,
    },
    /// The plaintext cannot be read.
    #[error("the data cannot be read")]
    Read(#[source] io::Error),
    /// The sealed bytes cannot be written.
    #[error("the sealed file cannot be written")]
    Write(#[source] io::Error),
}

impl SealError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Recipient { .. } => ErrorClass::Rejected,
            Self::Read(_) | Self::Write(_) => ErrorClass::Unavailable,
        }
    }
}
