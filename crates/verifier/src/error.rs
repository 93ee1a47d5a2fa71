use adyton_tee_software::SoftwareEvidenceError;
use adyton_types::{ErrorClass, TeeKind};
use thiserror::Error;

/// Why Evidence does not verify.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It is longer than Evidence of any kind may be.
    #[error("the Evidence is {found} bytes long; at most 1048576 are allowed")]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// No Verifier for this kind is built in.
    #[error("Evidence of kind `{kind}` cannot be verified here")]
    UnsupportedKind {
        /// The kind.
        kind: TeeKind,
    },
    /// Its report data is all zero: the TEE was asked to vouch for nobody.
    #[error("the report data of the Evidence is all zero")]
    EmptyReportData,
    /// Its report data is that of another binding.
    #[error("the report data of the Evidence is not that of this binding")]
    ReportData,
    /// Evidence of the software TEE does not verify.
    #[error(transparent)]
    Software(#[from] SoftwareEvidenceError),
}

impl VerifyError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::TooLong { .. } => ErrorClass::Malformed,
            Self::UnsupportedKind { .. } | Self::EmptyReportData | Self::ReportData => {
                ErrorClass::Rejected
            }
            Self::Software(error) => error.class(),
        }
    }
}
