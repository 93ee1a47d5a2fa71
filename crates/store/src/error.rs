use std::io;

use adyton_types::ErrorClass;
use thiserror::Error;

/// Why the store did not do what was asked. After any of these, nothing of the transaction has
/// taken effect, except that a commit whose `fdatasync` failed may still turn out durable.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no store at the path.
    #[error("there is no store here yet; create one first")]
    Missing,
    /// There is a store at the path already.
    #[error("there is a store here already; it is never overwritten")]
    Exists,
    /// Another process has it open.
    #[error("another process has the store open; stop that one first")]
    Locked,
    /// The root key is not the one that the store was made with.
    #[error("the root key is not the one that this store was made with")]
    WrongKey,
    /// The file is not what was written.
    #[error("the store is damaged or was altered: {what}; restore the latest copy")]
    Corrupt {
        /// What does not fit.
        what: &'static str,
    },
    /// The disk does not do its work: full, or failing.
    #[error("the disk cannot be read or written: {0}; make room, then try again")]
    Disk(#[source] io::Error),
    /// A table that was not named when the store was opened.
    #[error("the store has no table `{name}`")]
    UnknownTable {
        /// Its name.
        name: &'static str,
    },
    /// A key or value is too long.
    #[error("a key or value of {found} bytes is too long for the store; the limit is {max}")]
    TooLong {
        /// Its length.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// A transaction's closure panicked in another thread's commit.
    #[error("a transaction panicked")]
    Panicked,
}

impl StoreError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Disk(_) | Self::Locked => ErrorClass::Unavailable,
            Self::WrongKey | Self::Corrupt { .. } => ErrorClass::Rejected,
            Self::Missing
            | Self::Exists
            | Self::UnknownTable { .. }
            | Self::TooLong { .. }
            | Self::Panicked => ErrorClass::Misuse,
        }
    }

    pub(crate) const fn corrupt(what: &'static str) -> Self {
        Self::Corrupt { what }
    }

    /// The same error for another caller of the same commit.
    pub(crate) fn again(&self) -> Self {
        match self {
            Self::Missing => Self::Missing,
            Self::Exists => Self::Exists,
            Self::Locked => Self::Locked,
            Self::WrongKey => Self::WrongKey,
            Self::Corrupt { what } => Self::Corrupt { what },
            Self::Disk(e) => Self::Disk(io::Error::new(e.kind(), e.to_string())),
            Self::UnknownTable { name } => Self::UnknownTable { name },
            Self::TooLong { found, max } => Self::TooLong {
                found: *found,
                max: *max,
            },
            Self::Panicked => Self::Panicked,
        }
    }

    /// Whether the open file can no longer be used, and has to be opened anew.
    pub(crate) const fn breaks_the_file(&self) -> bool {
        matches!(self, Self::Disk(_) | Self::Corrupt { .. })
    }

    /// Every error of redb, from wherever.
    pub(crate) fn redb(error: impl Into<redb::Error>) -> Self {
        match error.into() {
            // What redb says of a file that is not one of its own.
            redb::Error::Io(e)
                if matches!(
                    e.kind(),
                    io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
                ) =>
            {
                Self::corrupt("not a store's file")
            }
            redb::Error::Io(e) => Self::Disk(e),
            redb::Error::PreviousIo => Self::Disk(io::Error::other("an earlier write failed")),
            redb::Error::DatabaseAlreadyOpen => Self::Locked,
            _ => Self::corrupt("the file's structure is broken"),
        }
    }
}
