use std::io;
use std::path::PathBuf;

use adyton_tee_software::PlatformKeyError;
use adyton_types::{ErrorClass, ReportData, TeeKind};
use thiserror::Error;

use crate::{GuestError, TpmDriverError};

/// Why a TEE gave no Evidence or key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AttesterError {
    /// All zero is no binding's digest; a Verifier would refuse the Evidence.
    #[error("{0:?} is no binding's digest")]
    EmptyReportData(ReportData),
    /// The running executable cannot be read.
    #[error("cannot measure the running executable")]
    Measure(#[source] io::Error),
    /// No driver is built in for it.
    #[error("there is no driver for {kind} here; `adyton tee doctor` says what this machine has")]
    NoDriver {
        /// The kind.
        kind: TeeKind,
    },
    /// The machine is another kind of TEE.
    #[error("this machine is {found}, not {expected}")]
    AnotherTee {
        /// The kind that was asked for.
        expected: TeeKind,
        /// The kind that is here.
        found: TeeKind,
    },
    /// The device cannot be opened.
    #[error("cannot open the TPM at `{place}`: {source}")]
    Open {
        /// Where it should be.
        place: String,
        /// The operating system's word.
        source: io::Error,
    },
    /// The TPM did not do it.
    #[error("no Evidence from the TPM")]
    Tpm(#[from] TpmDriverError),
    /// The guest's kernel did not do it.
    #[error("no Evidence or key from the guest's kernel")]
    Guest(#[from] GuestError),
}

impl AttesterError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::EmptyReportData(_) | Self::NoDriver { .. } | Self::AnotherTee { .. } => {
                ErrorClass::Misuse
            }
            Self::Measure(_) | Self::Open { .. } => ErrorClass::Unavailable,
            Self::Tpm(error) => error.class(),
            Self::Guest(error) => error.class(),
        }
    }
}

/// Why a platform key file was not made or not read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// There is one already: replacing it would strand every pin of it and all data sealed under it.
    #[error("`{}` is there already; a platform key is never replaced", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// There is none.
    #[error("there is no platform key at `{}`; make one with `adyton tee init`", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// It is a directory, a device or a symbolic link.
    #[error("`{}` is not a regular file", path.display())]
    NotAFile {
        /// The file.
        path: PathBuf,
    },
    /// Somebody else owns it.
    #[error("`{}` is owned by user {found}, not by {expected}", path.display())]
    Owner {
        /// The file or directory.
        path: PathBuf,
        /// The user that this process runs as.
        expected: u32,
        /// The owner.
        found: u32,
    },
    /// Others than its owner have rights on it.
    #[error("`{}` has mode {mode:04o}, which lets others in; run `chmod {wanted:04o}` on it", path.display())]
    Mode {
        /// The file or directory.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// The mode that it should have.
        wanted: u32,
    },
    /// It holds no platform key.
    #[error("`{}` holds no platform key", path.display())]
    Contents {
        /// The file.
        path: PathBuf,
        /// The cause, where it was as long as a key file.
        #[source]
        why: Option<PlatformKeyError>,
    },
    /// The operating system refused.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The cause.
        #[source]
        why: io::Error,
    },
}

impl KeyFileError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Exists { .. } | Self::Missing { .. } => ErrorClass::Misuse,
            Self::NotAFile { .. } | Self::Owner { .. } | Self::Mode { .. } => ErrorClass::Rejected,
            Self::Contents { .. } => ErrorClass::Malformed,
            Self::Io { .. } => ErrorClass::Unavailable,
        }
    }
}
