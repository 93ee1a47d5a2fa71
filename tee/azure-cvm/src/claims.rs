use adyton_tee_amd_snp::SnpClaims;
use adyton_tee_intel_dcap::IntelClaims;
use adyton_tee_tcg_tpm::TpmClaims;

use crate::{HardwareKind, RuntimeClaims};

/// What verified Azure Evidence says, for policy to judge. The hardware's measurement is that of
/// Microsoft's paravisor alone; which operating system runs, only the PCRs say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzureClaims {
    /// What the hardware says.
    pub hardware: HardwareClaims,
    /// What the paravisor says.
    pub runtime: RuntimeClaims,
    /// What the vTPM says.
    pub quote: TpmClaims,
}

/// What the hardware says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HardwareClaims {
    /// Of an SNP report. It dates from the machine's start.
    Snp(Box<SnpClaims>),
    /// Of a TD quote.
    Tdx(Box<IntelClaims>),
}

impl HardwareClaims {
    /// Which hardware.
    #[must_use]
    pub const fn kind(&self) -> HardwareKind {
        match self {
            Self::Snp(_) => HardwareKind::Snp,
            Self::Tdx(_) => HardwareKind::Tdx,
        }
    }
}
