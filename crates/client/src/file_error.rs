use std::io;
use std::path::{Path, PathBuf};

use adyton_types::ErrorClass;
use thiserror::Error;

/// Why a file could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// A file that is to be made is there already.
    #[error("`{}` is there already; move it away, or say --force to replace it", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It is a directory, a pipe or a device.
    #[error("`{}` is no regular file", path.display())]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// A file is longer than any of its kind.
    #[error("`{}` is longer than {limit} bytes, so it is no {what}", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The operating system reports an error.
    #[error("cannot {doing} `{}`: {}", path.display(), advice(doing, error))]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The error. The message tells it, so that it is no `source` as well.
        error: io::Error,
    },
}

fn advice(doing: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound if doing == "create" => {
            "its directory is not there; make it first".to_owned()
        }
        io::ErrorKind::NotFound => "there is no such file or directory".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full; nothing was left behind, make room and try again".to_owned()
        }
        _ => error.to_string(),
    }
}

impl FileError {
    /// An I/O error, with what was being done to which file.
    #[must_use]
    pub fn io(doing: &'static str, path: &Path, error: io::Error) -> Self {
        Self::Io {
            doing,
            path: path.to_owned(),
            error,
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Exists { .. } | Self::NotAFile { .. } => ErrorClass::Misuse,
            Self::TooLong { .. } => ErrorClass::Malformed,
            Self::Io { error, .. } => match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    ErrorClass::Unavailable
                }
                _ => ErrorClass::Misuse,
            },
        }
    }
}
