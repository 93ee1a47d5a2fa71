use std::io;
use std::path::PathBuf;

use adyton_types::{ErrorClass, TeeKind};
use thiserror::Error;

use super::vmm_error::VmmError;

/// Why a guest's kernel gave no Evidence or key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GuestError {
    /// A file of the interface cannot be used.
    #[error("cannot {what} `{}`", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        why: io::Error,
    },
    /// The kernel refused a call.
    #[error("the kernel refused {call}")]
    Call {
        /// The call.
        call: &'static str,
        /// The cause.
        #[source]
        why: io::Error,
    },
    /// Somebody else used the interface each time.
    #[error("{interface} was busy {attempts} times; try again")]
    Busy {
        /// Which.
        interface: &'static str,
        /// How often it was tried.
        attempts: u32,
    },
    /// The provider is none that is known.
    #[error("the provider `{found}` of configfs-tsm is not known")]
    Provider {
        /// What the kernel says.
        found: String,
    },
    /// An answer is not of its form.
    #[error("the answer of {interface} is not of its form: {what}")]
    Answer {
        /// Which interface.
        interface: &'static str,
        /// What is not as it should be.
        what: &'static str,
    },
    /// The SNP firmware refused.
    #[error("the SNP firmware refused with status {status:#x} ({name})")]
    Firmware {
        /// Its status (SNP firmware ABI 56860, section 5).
        status: u32,
        /// The status's name.
        name: &'static str,
    },
    /// The hypervisor refused.
    #[error("the hypervisor refused: {0}")]
    Hypervisor(VmmError),
    /// The Nitro security module refused.
    #[error("the Nitro security module refused: {0}")]
    Nsm(String),
    /// Gramine attests in another way, or not at all.
    #[error("Gramine attests by `{found}`, not by `dcap`; set `sgx.remote_attestation = \"dcap\"`")]
    AttestationType {
        /// What it says.
        found: String,
    },
    /// The interface gives no key that stays the same.
    #[error("{kind} has no sealing key through this interface")]
    NoSealingKey {
        /// The TEE's kind.
        kind: TeeKind,
    },
}

impl GuestError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::File { .. }
            | Self::Call { .. }
            | Self::Busy { .. }
            | Self::Firmware { .. }
            | Self::Hypervisor(_)
            | Self::Nsm(_) => ErrorClass::Unavailable,
            Self::Answer { .. } => ErrorClass::Malformed,
            Self::Provider { .. } | Self::AttestationType { .. } | Self::NoSealingKey { .. } => {
                ErrorClass::Misuse
            }
        }
    }
}
