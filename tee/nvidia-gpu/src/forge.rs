//! Devices, manifests and OCSP answers under keys made on the spot, each deviating as the test asks:
//! for tests of this crate and of those above it.

mod device;
mod manifest;
mod world;

pub use device::ForgedReport;
pub use manifest::{ForgedRim, SIGNED_INFO};
pub use world::{ForgedWorld, answers};
