use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The kinds of Trusted Execution Environment whose Evidence Adyton names.
///
/// `Software` has no hardware root. It is a kind of its own, with its own root and key-derivation
/// label, and nothing ever falls back to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TeeKind {
    /// A hardened process under a platform key that its owner made; no hardware root.
    Software,
    /// TPM 2.0 quote.
    Tpm,
    /// AMD SEV-SNP attestation report.
    Snp,
    /// Intel TDX quote.
    Tdx,
    /// Intel SGX DCAP quote.
    Sgx,
    /// AWS Nitro attestation document.
    Nitro,
    /// Azure confidential VM on SEV-SNP (HCL report and vTPM quote).
    AzureSnp,
    /// Azure confidential VM on TDX (HCL report and vTPM quote).
    AzureTdx,
    /// Arm CCA attestation token.
    Cca,
    /// NVIDIA GPU SPDM report.
    NvidiaGpu,
}

impl TeeKind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 10] = [
        Self::Software,
        Self::Tpm,
        Self::Snp,
        Self::Tdx,
        Self::Sgx,
        Self::Nitro,
        Self::AzureSnp,
        Self::AzureTdx,
        Self::Cca,
        Self::NvidiaGpu,
    ];

    /// The kind's name, as in documents, on the wire and on screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Software => "software",
            Self::Tpm => "tpm",
            Self::Snp => "snp",
            Self::Tdx => "tdx",
            Self::Sgx => "sgx",
            Self::Nitro => "nitro",
            Self::AzureSnp => "azure-snp",
            Self::AzureTdx => "azure-tdx",
            Self::Cca => "cca",
            Self::NvidiaGpu => "nvidia-gpu",
        }
    }
}

impl fmt::Display for TeeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no kind of TEE.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{name}` is no kind of TEE; use one of software, tpm, snp, tdx, sgx, nitro, azure-snp, azure-tdx, cca, nvidia-gpu"
)]
pub struct UnknownTeeKind {
    /// The text.
    pub name: String,
}

impl FromStr for TeeKind {
    type Err = UnknownTeeKind;

    fn from_str(name: &str) -> Result<Self, UnknownTeeKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| UnknownTeeKind {
                name: name.to_owned(),
            })
    }
}
