use adyton_codec::CodecError;
use adyton_tee_amd_snp::SnpError;
use adyton_tee_arm_cca::CcaError;
use adyton_tee_aws_nitro::NitroError;
use adyton_tee_azure_cvm::AzureError;
use adyton_tee_intel_dcap::IntelError;
use adyton_tee_intel_dcap::eventlog::EventLogError;
use adyton_tee_nvidia_gpu::NvidiaError;
use adyton_tee_software::SoftwareEvidenceError;
use adyton_tee_tcg_tpm::TpmError;
use adyton_types::{ErrorClass, TeeKind};
use thiserror::Error;

use crate::EndorsementNeeded;

/// Name of the one check that this crate makes itself.
pub(crate) const REPORT_DATA: &str = "report-data";

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
    /// The Evidence is of another kind than its sender says.
    #[error("the Evidence is said to be of kind `{said}`, and is of kind `{found}`")]
    OtherKind {
        /// As said.
        said: TeeKind,
        /// As found.
        found: TeeKind,
    },
    /// Endorsements are missing.
    #[error("Endorsements for this Evidence of kind `{kind}` are missing")]
    Missing {
        /// The kind.
        kind: TeeKind,
        /// Which.
        needed: Vec<EndorsementNeeded>,
    },
    /// Its report data is all zero, or absent: the TEE was asked to vouch for nobody.
    #[error("the report data of the Evidence is all zero")]
    EmptyReportData,
    /// Its report data is that of another binding.
    #[error("the report data of the Evidence is not that of this binding")]
    ReportData {
        /// The binding's, as much of it as the kind has room for.
        expected: Box<[u8]>,
        /// The Evidence's.
        found: Box<[u8]>,
    },
    /// An event log came with Evidence that has no registers for one beside it.
    #[error(
        "an event log beside the Evidence explains the RTMRs of `tdx`; this is of kind `{kind}`"
    )]
    NoRegisters {
        /// The kind.
        kind: TeeKind,
    },
    /// The event log beside the Evidence does not explain its registers.
    #[error(transparent)]
    EventLog(#[from] EventLogError),
    /// A claim does not fit the one form.
    #[error("a claim of the Evidence has no form that it can be stated in")]
    Claim(#[from] CodecError),
    /// Evidence of the software TEE does not verify.
    #[error(transparent)]
    Software(#[from] SoftwareEvidenceError),
    /// Evidence of SGX or TDX, or Intel's Endorsements, do not verify.
    #[error(transparent)]
    Intel(#[from] IntelError),
    /// Evidence of SEV-SNP, or AMD's Endorsements, do not verify.
    #[error(transparent)]
    Snp(#[from] SnpError),
    /// Evidence of Nitro does not verify.
    #[error(transparent)]
    Nitro(#[from] NitroError),
    /// Evidence of a TPM does not verify.
    #[error(transparent)]
    Tpm(#[from] TpmError),
    /// Evidence of an Azure confidential VM does not verify.
    #[error(transparent)]
    Azure(#[from] AzureError),
    /// Evidence of CCA does not verify.
    #[error(transparent)]
    Cca(#[from] CcaError),
    /// Evidence of NVIDIA devices, or NVIDIA's manifests, do not verify.
    #[error(transparent)]
    Nvidia(#[from] NvidiaError),
}

impl VerifyError {
    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::TooLong { .. }
            | Self::OtherKind { .. }
            | Self::NoRegisters { .. }
            | Self::Claim(_) => ErrorClass::Malformed,
            Self::UnsupportedKind { .. } | Self::EmptyReportData | Self::ReportData { .. } => {
                ErrorClass::Rejected
            }
            Self::Missing { .. } => ErrorClass::Unavailable,
            Self::EventLog(error) => error.class(),
            Self::Software(error) => error.class(),
            Self::Intel(error) => error.class(),
            Self::Snp(error) => error.class(),
            Self::Nitro(error) => error.class(),
            Self::Tpm(error) => error.class(),
            Self::Azure(error) => error.class(),
            Self::Cca(error) => error.class(),
            Self::Nvidia(error) => error.class(),
        }
    }

    /// The name of the check that failed, as in the list of checks made.
    #[must_use]
    pub fn check(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "evidence-length",
            Self::UnsupportedKind { .. } | Self::OtherKind { .. } => "kind",
            Self::Missing { .. } => "endorsements",
            Self::NoRegisters { .. } => "event-log",
            Self::EventLog(error) => error.check(),
            Self::EmptyReportData | Self::ReportData { .. } => REPORT_DATA,
            Self::Claim(_) => "claims",
            Self::Software(SoftwareEvidenceError::Signed(_)) => "platform-signature",
            Self::Software(_) => "software-form",
            Self::Intel(error) => error.check(),
            Self::Snp(error) => error.check(),
            Self::Nitro(error) => error.check(),
            Self::Tpm(error) => error.check(),
            Self::Azure(error) => error.check(),
            Self::Cca(error) => error.check(),
            Self::Nvidia(error) => error.check(),
        }
    }
}
