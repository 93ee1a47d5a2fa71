use std::io;
use std::path::{Path, PathBuf};

use adyton_hatch::HatchError;
use adyton_program::BundleError;
use adyton_protocol::Denied;
use adyton_sealing::OpenError;
use adyton_transport::TransportError;
use adyton_types::{ErrorClass, Name};
use thiserror::Error;

use crate::FileError;

/// Why a run came to no result.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RunError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The machine's TEE gave no Evidence.
    #[error(transparent)]
    Attester(adyton_attester::AttesterError),
    /// The bundle is none.
    #[error("`{}`: {source}", path.display())]
    Bundle {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: BundleError,
    },
    /// The manifest declares an input that was not given.
    #[error("the program reads `{name}`, and no such input was given; say --input {name}=FILE")]
    InputMissing {
        /// The input.
        name: Name,
    },
    /// An input was given that the manifest does not declare.
    #[error("the program has no input `{name}`; its inputs are: {declared}")]
    InputUnknown {
        /// The name given.
        name: Name,
        /// The names that the manifest declares.
        declared: String,
    },
    /// An input is in clear, or no file that was sealed.
    #[error("the input `{name}`: {source}; {}", repair(source, path))]
    InputNotSealed {
        /// The input.
        name: Name,
        /// Its file.
        path: PathBuf,
        /// What it is instead.
        source: OpenError,
    },
    /// A result would be written over another result, or over what the run reads.
    #[error("`{}` would be written as {what}, and is {other} too; give each a file of its own", path.display())]
    SamePlace {
        /// The file.
        path: PathBuf,
        /// What would be written there.
        what: String,
        /// What else it is.
        other: String,
    },
    /// An output was placed that the manifest does not declare.
    #[error("the program has no output `{name}`; its outputs are: {declared}")]
    OutputUnknown {
        /// The name given.
        name: Name,
        /// The names that the manifest declares.
        declared: String,
    },
    /// Nobody said which broker holds an input's key.
    #[error("no broker was named for the input `{name}`; say --broker {name}=HOST:PORT#ID")]
    BrokerMissing {
        /// The input.
        name: Name,
    },
    /// This machine has no software TEE yet.
    #[error("there is no platform key at `{}`; make this machine's software TEE with `adyton tee init`", path.display())]
    NoPlatformKey {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The enclave's process could not be started.
    #[error("cannot start the enclave from `{}`", program.display())]
    Spawn {
        /// The executable.
        program: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The enclave's process ended without a word: it was killed, or ran out of memory.
    #[error("the enclave ended without a result ({status}); its outputs were discarded")]
    Died {
        /// How it ended.
        status: String,
    },
    /// The program ran longer than its manifest allows.
    #[error(
        "the program ran longer than the {secs} s that its manifest allows, and was ended; its outputs were discarded"
    )]
    TimeLimit {
        /// The manifest's limit.
        secs: u64,
    },
    /// The enclave cancelled the run.
    #[error("the enclave cancelled the run: {message}")]
    Cancelled {
        /// Whose fault it is.
        class: ErrorClass,
        /// What the enclave says.
        message: String,
    },
    /// The connection to the enclave broke.
    #[error(transparent)]
    Hatch(#[from] HatchError),
    /// A broker could not be reached, or is not the one that was pinned.
    #[error("broker {broker}: {source}")]
    Transport {
        /// The broker's address.
        broker: String,
        /// What went wrong.
        source: TransportError,
    },
    /// A broker refused.
    #[error("broker {broker} denies the release")]
    Denied {
        /// The broker's address.
        broker: String,
        /// Each claim that failed, as the broker signed it.
        denied: Vec<Denied>,
    },
    /// A broker answered with an error.
    #[error("broker {broker} answers: {message}")]
    Broker {
        /// The broker's address.
        broker: String,
        /// Whose fault it is.
        class: ErrorClass,
        /// What it says.
        message: String,
    },
}

fn repair(source: &OpenError, path: &Path) -> String {
    match source {
        OpenError::NotSealed => format!("seal it with `adyton seal {}`", path.display()),
        _ => format!("get `{}` from its owner again", path.display()),
    }
}

impl RunError {
    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::File(error) => error.class(),
            Self::Bundle { source, .. } => source.class(),
            Self::InputNotSealed { source, .. } => source.class(),
            Self::SamePlace { .. }
            | Self::InputMissing { .. }
            | Self::InputUnknown { .. }
            | Self::OutputUnknown { .. }
            | Self::BrokerMissing { .. }
            | Self::NoPlatformKey { .. } => ErrorClass::Misuse,
            Self::Attester(error) => error.class(),
            Self::Spawn { .. } | Self::Died { .. } => ErrorClass::Unavailable,
            Self::TimeLimit { .. } | Self::Denied { .. } => ErrorClass::Rejected,
            Self::Cancelled { class, .. } | Self::Broker { class, .. } => *class,
            Self::Hatch(error) => error.class(),
            Self::Transport { source, .. } => source.class(),
        }
    }
}
