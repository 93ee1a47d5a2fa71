use adyton_codec::CodecError;
use adyton_tee_amd_snp::SnpError;
use adyton_tee_intel_dcap::IntelError;
use adyton_tee_tcg_tpm::TpmError;
use adyton_types::ErrorClass;
use thiserror::Error;

use crate::{HardwareKind, checks};

/// Why Azure Evidence does not verify.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AzureError {
    /// The container is not Azure Evidence.
    #[error("not Azure Evidence")]
    Container(#[from] CodecError),
    /// It holds both a V*EK certificate and a TD quote, or what its kind has not.
    #[error("Evidence of kind `{kind}` does not hold what this one holds")]
    Parts {
        /// The kind.
        kind: String,
    },
    /// The HCL report ends too early or is too long.
    #[error("the HCL report is {found} bytes long, which is not allowed")]
    HclLength {
        /// Its length.
        found: usize,
    },
    /// A field of the HCL report has a value that is not allowed.
    #[error("`{field}` of the HCL report is {found:#x}, which is not allowed")]
    HclField {
        /// The field.
        field: &'static str,
        /// The value found.
        found: u32,
    },
    /// Bytes that have to be zero are not.
    #[error("byte {at} of the HCL report has to be zero")]
    HclPadding {
        /// Offset of the first.
        at: usize,
    },
    /// The report, the Evidence and the Endorsements are of different hardware.
    #[error("the HCL report is of {hcl}, the Evidence or the Endorsements of other hardware")]
    Hardware {
        /// What the HCL report says.
        hcl: HardwareKind,
    },
    /// The SNP report does not verify.
    #[error("the hardware report does not verify")]
    Snp(#[from] SnpError),
    /// The TD quote does not verify.
    #[error("the TD quote does not verify")]
    Tdx(#[from] IntelError),
    /// Not the paravisor asked for the SNP report.
    #[error("the SNP report was not asked for at VMPL 0: the runtime claims may be anybody's")]
    Vmpl,
    /// The report data is not the hash of the runtime claims.
    #[error("the hardware's report data is not the hash of the runtime claims")]
    Binding,
    /// The runtime claims are not what Azure writes.
    #[error("the runtime claims are not valid: {what}")]
    Runtime {
        /// What is wrong.
        what: &'static str,
    },
    /// The user data is another, or there is none.
    #[error("the user data in the runtime claims is not the one that was asked for")]
    UserData,
    /// The vTPM's quote does not verify.
    #[error("the vTPM's quote does not verify")]
    Quote(#[from] TpmError),
}

impl AzureError {
    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Container(_)
            | Self::Parts { .. }
            | Self::HclLength { .. }
            | Self::HclField { .. }
            | Self::HclPadding { .. }
            | Self::Runtime { .. } => ErrorClass::Malformed,
            Self::Hardware { .. } | Self::Vmpl | Self::Binding | Self::UserData => {
                ErrorClass::Rejected
            }
            Self::Snp(error) => error.class(),
            Self::Tdx(error) => error.class(),
            Self::Quote(error) => error.class(),
        }
    }

    /// The name of the check that failed: of this crate's [`checks`](crate::checks), or of the
    /// crate that judged the part.
    #[must_use]
    pub fn check(&self) -> &'static str {
        match self {
            Self::Container(_) | Self::Parts { .. } => checks::CONTAINER.name,
            Self::HclLength { .. } | Self::HclField { .. } | Self::HclPadding { .. } => {
                checks::HCL.name
            }
            Self::Hardware { .. } => checks::HARDWARE.name,
            Self::Vmpl => checks::VMPL.name,
            Self::Binding => checks::BINDING.name,
            Self::Runtime { .. } => checks::RUNTIME.name,
            Self::UserData => checks::USER_DATA.name,
            Self::Snp(error) => error.check(),
            Self::Tdx(error) => error.check(),
            Self::Quote(error) => error.check(),
        }
    }
}
