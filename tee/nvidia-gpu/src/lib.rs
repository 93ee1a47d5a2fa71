//! NVIDIA GPUs and NVSwitches: from SPDM reports to verified claims.
//!
//! A device answers a nonce with its measurements, signed by a key whose certificate chain ends at
//! NVIDIA's device root. What the measurements should be is in manifests (RIMs) that NVIDIA signs
//! under another root, one for each version of driver and VBIOS. [`verify`] makes every check that
//! NVIDIA's own verifier makes, by name, without asking a service: manifests and OCSP answers are
//! handed in ([`NvidiaEndorsements`]).
//!
//! Sources: DMTF DSP0274 1.1.3 (SPDM), NVIDIA nvtrust and attestation SDK, TCG DICE Attestation
//! Architecture 1.1, TCG RIM Information Model 1.01, ISO/IEC 19770-2:2015, W3C XMLDSIG 1.1 and
//! Canonical XML 1.1, RFC 5280, RFC 6960.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::string_slice
    )
)]

mod architecture;
mod checks;
mod claims;
mod device;
mod endorsement;
mod error;
mod evidence;
mod fwid;
mod measurements;
mod mode;
mod opaque;
mod reader;
mod report;
mod rim;
mod roots;
mod verify;

#[cfg(feature = "forge")]
pub mod forge;

pub use architecture::Architecture;
pub use checks::{DEVICE_CHECKS, NamedCheck, RIM_CHECKS};
pub use claims::{DeviceClaims, NvidiaClaims, Topology};
pub use endorsement::NvidiaEndorsements;
pub use error::NvidiaError;
pub use evidence::{DeviceEvidence, MAX_DEVICES, MAX_EVIDENCE_BYTES};
pub use mode::Mode;
pub use opaque::{OpaqueData, Pdi};
pub use report::{MAX_REPORT_BYTES, Report, Request};
pub use rim::{Golden, MAX_RIM_BYTES, Rim, RimDocument};
pub use roots::NvidiaRoots;
pub use verify::{VerifiedDevices, verify};
