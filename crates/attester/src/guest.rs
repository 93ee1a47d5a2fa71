//! Drivers for the TEEs that a guest asks through its kernel: configfs-tsm, `/dev/sev-guest`,
//! Gramine's files, and `/dev/nsm`.
//!
//! Each stands on a small trait for what the kernel does, so that the driver's own work (retries,
//! lengths, what is refused) is tested against a kernel of the test's own.

mod error;
mod gramine;
mod nsm;
mod nsm_device;
mod sev_device;
mod sev_guest;
mod tsm;
mod vmm_error;

#[cfg(test)]
mod tests;

pub use error::GuestError;
pub use gramine::GramineAttester;
pub use nsm::{NsmAttester, NsmKernel};
pub use nsm_device::NsmDevice;
pub use sev_device::SevGuestDevice;
pub use sev_guest::{SevCall, SevGuestAttester, SevGuestKernel, SevOutcome, SnpEvidence};
pub(crate) use tsm::TSM_DIRECTORY;
pub use tsm::{TsmAttester, TsmDirectory, TsmReport, TsmTree};
pub use vmm_error::VmmError;
