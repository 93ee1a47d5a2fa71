use std::io;

use adyton_attester::{AttesterError, KeyFileError};
use adyton_hatch::HatchError;
use adyton_program::{BundleError, LifecycleError};
use adyton_protocol::{AnswerError, WireError};
use adyton_sandbox::SandboxError;
use adyton_sealing::{IdentityError, OpenError, SealError};
use adyton_shield::{EncloseError, LockDownError, SecretMemoryError, SecretThreadError};
use adyton_types::{ErrorClass, Fingerprint, Name};
use thiserror::Error;

/// Why an enclave cancels its run. The host reads these texts, so that none holds anything of what
/// the program read, wrote or said, unless its manifest has `debug = true`.
#[derive(Debug, Error)]
#[non_exhaustive]
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
    #[error("the runner handed {found} descriptors in, not {expected}")]
    Descriptors { expected: usize, found: usize },
    #[error("cannot read what the runner handed in: {0}")]
    Read(#[source] io::Error),
    #[error("a file that the runner handed in is longer than {limit} bytes")]
    TooLong { limit: u64 },
    #[error("the bundle: {0}")]
    Bundle(#[from] BundleError),
    #[error("the runner handed in other {what} than the manifest declares")]
    Undeclared { what: &'static str },
    #[error(
        "the manifest lets only broker `{expected}` release the key of `{input}`, and the runner names `{found}`"
    )]
    Broker {
        input: Name,
        expected: Fingerprint,
        found: Fingerprint,
    },
    #[error(transparent)]
    Lifecycle(#[from] LifecycleError),
    #[error("the platform key: {0}")]
    PlatformKey(#[from] KeyFileError),
    #[error("the program: {0}")]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    Attester(#[from] AttesterError),
    #[error("the runner brought no challenge or answer of broker `{broker}`")]
    NoAnswer { broker: Fingerprint },
    #[error("the challenge of a broker: {0}")]
    Challenge(#[from] WireError),
    #[error("the answer of broker `{broker}` is refused: {source}")]
    Answer {
        broker: Fingerprint,
        source: AnswerError,
    },
    #[error("the secret `{secret}` is no key of a sealed file: {source}")]
    Identity { secret: Name, source: IdentityError },
    #[error("the input `{input}` does not open: {source}")]
    Input { input: Name, source: OpenError },
    #[error("the output `{output}` cannot be sealed: {source}")]
    Seal { output: Name, source: SealError },
    #[error("the output `{output}` cannot be written: {reason}")]
    Output { output: Name, reason: String },
    #[error("the output `{output}` is longer than the manifest allows")]
    OutputLimit { output: Name },
    #[error(
        "the program ran longer than the {secs} s that its manifest allows; its outputs were discarded"
    )]
    TimeLimit { secs: u64 },
    #[error("{0}")]
    Program(String),
}

impl EnclaveError {
    pub(crate) fn out_of_turn(expected: &'static str, found: &str) -> Self {
        Self::Hatch(HatchError::OutOfTurn {
            expected,
            found: found.to_owned(),
        })
    }

    /// Whose fault it is.
    pub(crate) fn class(&self) -> ErrorClass {
        match self {
            Self::Enclose(error) => error.class(),
            Self::Memory(error) => error.class(),
            Self::Thread(error) => error.class(),
            Self::LockDown(error) => error.class(),
            Self::Hatch(error) => error.class(),
            Self::Bundle(error) => error.class(),
            Self::Lifecycle(error) => error.class(),
            Self::PlatformKey(error) => error.class(),
            Self::Sandbox(error) => error.class(),
            Self::Attester(error) => error.class(),
            Self::Challenge(error) => error.class(),
            Self::Answer { source, .. } => source.class(),
            Self::Identity { source, .. } => source.class(),
            Self::Input { source, .. } => source.class(),
            Self::Seal { source, .. } => source.class(),
            Self::Descriptors { .. }
            | Self::TooLong { .. }
            | Self::Undeclared { .. }
            | Self::NoAnswer { .. } => ErrorClass::Misuse,
            Self::Read(_) | Self::Output { .. } => ErrorClass::Unavailable,
            Self::Broker { .. }
            | Self::OutputLimit { .. }
            | Self::TimeLimit { .. }
            | Self::Program(_) => ErrorClass::Rejected,
        }
    }
}
