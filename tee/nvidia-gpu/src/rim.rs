//! Manifests: NVIDIA's Reference Values for one version of driver or VBIOS (TCG RIM in a SWID tag,
//! signed by XMLDSIG).

mod canonical;
mod document;
mod manifest;
mod signature;

pub use document::{Golden, RimDocument};
pub use manifest::{MAX_RIM_BYTES, Rim};
