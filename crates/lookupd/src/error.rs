use std::io;
use std::path::{Path, PathBuf};

use adyton_attester::{AttesterError, KeyFileError};
use adyton_hatch::HatchError;
use adyton_lookup::WireFault;
use adyton_shield::{EncloseError, LockDownError, SecretMemoryError, SecretThreadError};
use adyton_transport::{AdminError, TransportError};
use adyton_types::ErrorClass;
use thiserror::Error;

/// Why a service could not be started, or asked how it is.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LookupdError {
    /// The system failed at a file.
    #[error("cannot use `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another front runs in the directory.
    #[error("a service runs in `{}` already", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// This machine has no software TEE yet.
    #[error("there is no platform key at `{}`; make this machine's software TEE with `adyton tee init`", path.display())]
    NoPlatformKey {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The machine's TEE cannot be asked.
    #[error(transparent)]
    Attester(#[from] AttesterError),
    /// The enclave's process could not be started.
    #[error("cannot start the enclave from `{}`", program.display())]
    Spawn {
        /// The executable.
        program: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The enclave says why it could not begin.
    #[error("the enclave did not start: {message}")]
    Refused {
        /// Whose fault it is.
        class: ErrorClass,
        /// What it says.
        message: String,
    },
    /// The enclave ended.
    #[error("the enclave ended ({status}); its table is gone, start the service again and load it")]
    Died {
        /// How.
        status: String,
    },
    /// The daemon's answer to its operator is none.
    #[error("the running service is of another version: restart it")]
    OtherVersion,
    /// The runtime could not be started, or signals not be waited for.
    #[error("cannot start: {source}")]
    Runtime {
        /// What the system says.
        source: io::Error,
    },
    /// The front's listener or TLS key.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The operator's door.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// Between enclave and front.
    #[error(transparent)]
    Hatch(#[from] HatchError),
}

impl LookupdError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File {
            path: path.to_owned(),
            source,
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::File { .. }
            | Self::InUse { .. }
            | Self::Spawn { .. }
            | Self::Died { .. }
            | Self::Runtime { .. } => ErrorClass::Unavailable,
            Self::NoPlatformKey { .. } | Self::OtherVersion => ErrorClass::Misuse,
            Self::Refused { class, .. } => *class,
            Self::Attester(error) => error.class(),
            Self::Transport(error) => error.class(),
            Self::Admin(error) => error.class(),
            Self::Hatch(error) => error.class(),
        }
    }
}

/// Why an enclave does not begin, or goes on no more. The front reads these.
#[derive(Debug, Error)]
pub(crate) enum EnclaveError {
    #[error("this process cannot shut itself in: {0}")]
    Enclose(#[from] EncloseError),
    #[error("there is no protected memory: {0}")]
    Memory(#[from] SecretMemoryError),
    #[error(transparent)]
    Thread(#[from] SecretThreadError),
    #[error("the enclave cannot be locked down: {0}")]
    LockDown(#[from] LockDownError),
    #[error(transparent)]
    Hatch(#[from] HatchError),
    #[error("the front's first message: {0}")]
    Start(#[from] WireFault),
    #[error("the front handed {found} descriptors in, not {expected}")]
    Descriptors { found: usize, expected: usize },
    #[error("cannot use what the front handed in: {0}")]
    Io(#[from] io::Error),
    #[error("the platform key: {0}")]
    PlatformKey(#[from] KeyFileError),
    #[error(transparent)]
    Attester(#[from] AttesterError),
}

impl EnclaveError {
    pub(crate) fn class(&self) -> ErrorClass {
        match self {
            Self::Enclose(error) => error.class(),
            Self::Memory(error) => error.class(),
            Self::Thread(error) => error.class(),
            Self::LockDown(error) => error.class(),
            Self::Hatch(error) => error.class(),
            Self::Start(error) => error.class(),
            Self::Descriptors { .. } => ErrorClass::Misuse,
            Self::Io(_) => ErrorClass::Unavailable,
            Self::PlatformKey(error) => error.class(),
            Self::Attester(error) => error.class(),
        }
    }
}
