//! Confidential virtual machines of Azure, on SEV-SNP and TDX: from bytes to verified claims.
//!
//! Microsoft's paravisor runs at the guest's highest privilege and keeps a vTPM. What the hardware
//! attests is the paravisor alone, and, by its report data, a JSON text that names the vTPM's
//! Attestation Key. What runs in the guest is in the vTPM's PCRs, quoted under that key. So three
//! links hold or nothing does: hardware report, hash of the text, quote; [`verify`] makes them and
//! every check of the crates for each hardware and of `tcg-tpm`.
//!
//! Sources: Microsoft Learn, "Guest attestation for confidential VMs" (HCL report, runtime claims);
//! AMD 56860; Intel DCAP; TPM 2.0 Library Specification.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::string_slice
    )
)]

pub mod checks;
mod claims;
mod error;
mod evidence;
mod hardware;
mod hcl;
mod runtime;
mod verify;

#[cfg(feature = "forge")]
pub mod forge;

#[cfg(test)]
mod tests;

pub use claims::{AzureClaims, HardwareClaims};
pub use error::AzureError;
pub use evidence::{AzureEvidence, Hardware, rsassa_sha256};
pub use hardware::HardwareKind;
pub use hcl::{HARDWARE_REPORT_BYTES, HclReport, MAX_HCL_BYTES};
pub use runtime::{RuntimeClaims, VmConfiguration};
pub use verify::{AzureEndorsements, Expected, UserData, VerifiedAzure, verify, without_padding};
