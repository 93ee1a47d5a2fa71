//! The Attester's side (RFC 9334 section 2): getting Evidence from the machine's TEE.
//!
//! [`Attester`] is what a run needs of a TEE of any kind; [`SoftwareAttester`] is the software
//! TEE's, [`TpmAttester`] a TPM 2.0's; [`TsmAttester`], [`SevGuestAttester`], [`GramineAttester`]
//! and [`NsmAttester`] ask a guest's kernel. A [`TeeSource`] says which of them, and opens it. [`detect`] says which kinds a machine has, and for each
//! other what is missing.

mod attester;
mod detect;
mod error;
mod guest;
mod key_file;
mod measure;
mod software;
mod tee_source;
mod tpm;

pub use attester::Attester;
pub use detect::{Availability, Detected, detect};
pub use error::{AttesterError, KeyFileError};
pub use guest::{
    GramineAttester, GuestError, NsmAttester, NsmDevice, NsmKernel, SevCall, SevGuestAttester,
    SevGuestDevice, SevGuestKernel, SevOutcome, SnpEvidence, TsmAttester, TsmDirectory, TsmReport,
    TsmTree, VmmError,
};
pub use key_file::{create_platform_key, load_platform_key, read_platform_key};
pub use measure::{measure, measure_running_executable};
pub use software::SoftwareAttester;
pub use tee_source::{TeeSource, TpmPlace, TpmSource};
pub use tpm::{
    DeviceTransport, EkKind, LoadedKey, StreamTransport, Tpm, TpmAttester, TpmDriverError,
    TpmTransport, read_event_log,
};
