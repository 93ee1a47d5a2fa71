//! The driver of TPM 2.0 devices, without a TPM software stack: the dozen commands that
//! attestation needs, as bytes, over a device node or a simulator's socket.
//!
//! Source: TPM 2.0 Library Specification 1.59, part 3 (commands) and part 2 (structures).

mod attester;
mod command;
mod device;
mod error;
mod nv;
mod pcr;
mod seal;
mod selection;
mod template;
mod transport;

#[cfg(test)]
mod tests;

pub use attester::{TpmAttester, read_event_log};
pub use device::{LoadedKey, Tpm};
pub use error::TpmDriverError;
pub use template::EkKind;
pub use transport::{DeviceTransport, StreamTransport, TpmTransport};
