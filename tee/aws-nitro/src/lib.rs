//! AWS Nitro: attestation documents of enclaves and of NitroTPMs.
//!
//! A document carries its own certificates: only the root key is pinned. [`verify`] judges all of
//! it at once, over the bytes received, by the named [`checks`]; what an owner may see differently
//! is a claim. `docs/evidence/nitro.md` says where each check comes from.

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::string_slice
    )
)]

mod chain;
pub mod checks;
mod claims;
mod document;
mod error;
mod fields;
#[cfg(feature = "forge")]
pub mod forge;
mod payload;
mod roots;
mod verify;

#[cfg(test)]
mod tests;

pub use claims::NitroClaims;
pub use document::{
    Device, MAX_CABUNDLE, MAX_CERTIFICATE_BYTES, MAX_DOCUMENT_BYTES, MAX_PUBLIC_KEY_BYTES,
    MAX_USER_DATA_BYTES, NitroDocument, PCR_COUNT,
};
pub use error::NitroError;
pub use roots::Roots;
pub use verify::{MAX_AHEAD_SECS, VerifiedNitroDocument, verify};
