use std::io;

use adyton_tee_tcg_tpm::TpmError;
use adyton_types::ErrorClass;
use thiserror::Error;

/// Why a TPM did not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TpmDriverError {
    /// The device cannot be opened, written or read.
    #[error("cannot talk to the TPM")]
    Io(#[from] io::Error),
    /// The TPM refused.
    #[error("the TPM refused {command} with response code {code:#x}")]
    Refused {
        /// The command's name in part 3.
        command: &'static str,
        /// `TPM_RC` (part 2, section 6.6).
        code: u32,
    },
    /// The answer is not what part 3 says.
    #[error("the TPM's answer to {command} is malformed")]
    Answer {
        /// The command's name.
        command: &'static str,
    },
    /// A structure does not fit into a command.
    #[error("{field} of {command} is {found} bytes long, more than a command takes")]
    TooLong {
        /// The command's name.
        command: &'static str,
        /// The field.
        field: &'static str,
        /// Its length.
        found: usize,
    },
    /// A public area or a PCR value of the TPM is none that is accepted.
    #[error("the TPM returned a key or value that no Verifier accepts")]
    Unacceptable(#[from] TpmError),
    /// Another thread died while it used the TPM.
    #[error("the TPM was left in the middle of a command")]
    Poisoned,
}

impl TpmDriverError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Io(_) | Self::Refused { .. } | Self::Poisoned => ErrorClass::Unavailable,
            Self::Answer { .. } | Self::Unacceptable(_) => ErrorClass::Malformed,
            Self::TooLong { .. } => ErrorClass::Misuse,
        }
    }
}
