use adyton_tee_amd_snp::SnpError;
use adyton_tee_intel_dcap::IntelError;
use adyton_tee_nvidia_gpu::NvidiaError;
use adyton_types::ErrorClass;
use thiserror::Error;

use crate::VerifyError;

/// Why an answer is not the Endorsement that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VetError {
    /// It holds nothing of that kind, or it is about something else.
    #[error("it does not hold {expected}")]
    Other {
        /// What was asked for.
        expected: String,
    },
    /// What it has to be verified with is not at hand.
    #[error("{lacks} is not at hand to verify it with")]
    Lacks {
        /// What.
        lacks: &'static str,
    },
    /// It does not verify.
    #[error("it does not verify: {0}")]
    Verify(#[from] VerifyError),
    /// No vendor serves it, so that nobody can say what a genuine one is.
    #[error("no vendor serves it")]
    Unserved,
}

impl VetError {
    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Other { .. } => ErrorClass::Malformed,
            Self::Lacks { .. } | Self::Unserved => ErrorClass::Unavailable,
            Self::Verify(error) => error.class(),
        }
    }
}

impl From<IntelError> for VetError {
    fn from(error: IntelError) -> Self {
        Self::Verify(error.into())
    }
}

impl From<SnpError> for VetError {
    fn from(error: SnpError) -> Self {
        Self::Verify(error.into())
    }
}

impl From<NvidiaError> for VetError {
    fn from(error: NvidiaError) -> Self {
        Self::Verify(error.into())
    }
}
