//! AMD SEV-SNP: attestation reports of version 2 to 5, of Milan, Genoa (with Bergamo and Siena) and
//! Turin, signed by a chip's key (VCEK) or a cloud's (VLEK).
//!
//! Three steps, each of which leaves a value: a [`SigningCa`] is AMD's signing key of a generation,
//! verified up to the pinned root and against AMD's revocation list; [`SnpEndorsements`] are a
//! chip's certificate under it; [`verify`] judges a report under those, over the bytes received.
//! Authenticity is decided here, by the named [`checks`]; everything that an owner may see
//! differently is a claim. `docs/evidence/amd.md` says where each check comes from.

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::string_slice
    )
)]

mod bits;
mod cert_table;
pub mod checks;
mod claims;
mod endorsement;
mod error;
mod fields;
#[cfg(feature = "forge")]
pub mod forge;
mod generation;
mod guest_policy;
mod platform_info;
mod report;
mod roots;
mod signing_ca;
mod tcb;
mod vek_extensions;
mod vek_kind;
mod verify;

#[cfg(test)]
mod tests;

pub use cert_table::{CertTable, MAX_CERT_TABLE_BYTES, MAX_CERT_TABLE_ENTRIES};
pub use claims::{Concern, Mitigations, Requester, Signer, SnpClaims};
pub use endorsement::SnpEndorsements;
pub use error::{Part, SnpError};
pub use generation::Generation;
pub use guest_policy::GuestPolicy;
pub use platform_info::PlatformInfo;
pub use report::{HOST_REQUESTED, REPORT_BYTES, SIGNED_BYTES, SnpReport};
pub use roots::Roots;
pub use signing_ca::{CaChain, SigningCa};
pub use tcb::{FirmwareVersion, RawTcb, TcbVersion};
pub use vek_kind::VekKind;
pub use verify::{VerifiedSnpReport, verify};
