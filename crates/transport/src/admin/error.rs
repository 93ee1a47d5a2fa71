use std::path::PathBuf;

use adyton_types::ErrorClass;
use thiserror::Error;

/// Why the admin channel could not be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AdminError {
    /// No daemon listens there.
    #[error("no broker is running at `{}`", path.display())]
    NotRunning {
        /// The socket.
        path: PathBuf,
    },
    /// Somebody else could listen, or connect, there.
    #[error(
        "`{}` is not a socket that only its owner can use (mode {mode:o}, owner {owner}): not used",
        path.display()
    )]
    NotPrivate {
        /// The path.
        path: PathBuf,
        /// Its mode, with the type.
        mode: u32,
        /// The owner's user id.
        owner: u32,
    },
    /// The process at the other end is another user's.
    #[error("the process behind `{}` belongs to user {found}, not {expected}", path.display())]
    ForeignPeer {
        /// The socket.
        path: PathBuf,
        /// The user it should belong to.
        expected: u32,
        /// The user it belongs to.
        found: u32,
    },
    /// A path of more than 107 bytes, which no Unix socket can have.
    #[error(
        "`{}` is too long for a Unix socket, which takes 107 bytes: choose a shorter directory",
        path.display()
    )]
    PathTooLong {
        /// The path.
        path: PathBuf,
    },
    /// More than a frame takes.
    #[error("{size} bytes are more than a message may measure ({limit} bytes)")]
    Oversized {
        /// The size.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// The system failed at it.
    #[error("cannot talk over `{}`: {source}", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl AdminError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::NotRunning { .. } | Self::Io { .. } => ErrorClass::Unavailable,
            Self::NotPrivate { .. } | Self::ForeignPeer { .. } => ErrorClass::Rejected,
            Self::PathTooLong { .. } | Self::Oversized { .. } => ErrorClass::Misuse,
        }
    }
}
