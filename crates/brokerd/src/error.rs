use std::io;
use std::path::{Path, PathBuf};

use adyton_broker::StateError;
use adyton_merkle::MerkleError;
use adyton_store::StoreError;
use adyton_transport::TransportError;
use adyton_types::ErrorClass;
use thiserror::Error;

/// Why a broker could not be made, served or managed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BrokerdError {
    /// The system failed at a file.
    #[error("cannot use `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Others could read, or replace, what must be the owner's alone.
    #[error(
        "`{}` is not its owner's alone (mode {mode:o}): others may have read or replaced it; if not, run `chmod go-rwx` on it",
        path.display()
    )]
    NotPrivate {
        /// The file or directory.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A file in the directory of Endorsements is nothing to judge Evidence by.
    #[error("`{}` is no Endorsement to use: {why}; take it out of the directory, or put right what is wrong", path.display())]
    Endorsement {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// It is somebody else's, who could read what is put there, or take it away.
    #[error(
        "`{}` belongs to user {found}, and this is user {expected}: run the command as its owner",
        path.display()
    )]
    Owner {
        /// The file or directory.
        path: PathBuf,
        /// The user that runs this process.
        expected: u32,
        /// The user whose it is.
        found: u32,
    },
    /// There is a broker in the directory already.
    #[error("there is a broker in `{}` already; it is never overwritten", path.display())]
    Exists {
        /// The directory.
        path: PathBuf,
    },
    /// There is no broker in the directory.
    #[error("there is no broker in `{}`; `adyton broker init` makes one", path.display())]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// The making of the broker was interrupted.
    #[error(
        "the broker in `{}` was never finished; remove the directory and make it again",
        path.display()
    )]
    Unfinished {
        /// The directory.
        path: PathBuf,
    },
    /// Another process has the broker open.
    #[error("another process is using the broker in `{}`", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// The root key file holds no root key.
    #[error("`{}` holds no broker root key", path.display())]
    RootKey {
        /// The file.
        path: PathBuf,
    },
    /// The identity in the store cannot be read, or is not the card's.
    #[error("the broker's identity keys in `{}` do not belong to its card", path.display())]
    Identity {
        /// The directory.
        path: PathBuf,
    },
    /// The process could not be closed to debuggers and core dumps.
    #[error("cannot keep this process's memory private: {source}")]
    Harden {
        /// What the system says.
        source: io::Error,
    },
    /// Threads or signal handlers could not be set up.
    #[error("cannot start: {source}")]
    Runtime {
        /// What the system says.
        source: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The broker's state could not be read or written.
    #[error(transparent)]
    State(#[from] StateError),
    /// The network failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The owner's socket failed.
    #[error(transparent)]
    Channel(#[from] adyton_transport::AdminError),
    /// The broker did not carry the command out.
    #[error(transparent)]
    Command(#[from] adyton_broker::AdminError),
    /// A running daemon did not carry the command out.
    #[error("{message}")]
    Refused {
        /// Whose fault the daemon says it is.
        class: ErrorClass,
        /// What it says.
        message: String,
    },
    /// What came over the owner's socket is no message.
    #[error("the daemon in `{}` is of another version: restart it", path.display())]
    OtherVersion {
        /// The directory.
        path: PathBuf,
    },
    /// The directory to export to holds another log, or this one's future.
    #[error(
        "`{}` holds the checkpoint of another log, or a later one: export to an empty directory, and ask why",
        path.display()
    )]
    OtherLog {
        /// The directory exported to.
        path: PathBuf,
    },
    /// The log's files do not have the root that its checkpoint states.
    #[error("the broker's log is damaged: its files have another root than its checkpoint")]
    LogRoot,
    /// The log's tree does not hang together.
    #[error("the broker's log is damaged: {0}")]
    Log(#[from] MerkleError),
}

impl BrokerdError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::File { .. }
            | Self::InUse { .. }
            | Self::Harden { .. }
            | Self::Runtime { .. }
            | Self::Log(_)
            | Self::LogRoot => ErrorClass::Unavailable,
            Self::NotPrivate { .. }
            | Self::Owner { .. }
            | Self::Identity { .. }
            | Self::OtherLog { .. } => ErrorClass::Rejected,
            Self::Exists { .. } | Self::Missing { .. } | Self::Unfinished { .. } => {
                ErrorClass::Misuse
            }
            Self::RootKey { .. } | Self::Endorsement { .. } => ErrorClass::Malformed,
            Self::OtherVersion { .. } => ErrorClass::Stale,
            Self::Refused { class, .. } => *class,
            Self::Store(error) => error.class(),
            Self::State(error) => error.class(),
            Self::Transport(error) => error.class(),
            Self::Channel(error) => error.class(),
            Self::Command(error) => error.class(),
        }
    }

    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}
