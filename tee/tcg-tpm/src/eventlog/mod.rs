//! Event logs of firmware and boot loaders, and their replay.
//!
//! A log is text that the machine's owner hands in: only the digests in it are vouched for, by the
//! registers that they add up to. An event's *data* is vouched for only if the digest is over it,
//! which [`Provenance`] says of each event; the rest is what somebody wrote beside a digest.
//!
//! One form serves the crypto-agile log of a TPM and the CCEL of TDX (ACPI 6.5 section 5.2.30),
//! whose registers have other numbers ([`Registers`]).
//!
//! Source: TCG PC Client Platform Firmware Profile 1.06, section 10.

mod error;
mod event_type;
mod log;
mod provenance;
mod reader;
mod replay;

#[cfg(test)]
mod tests;

pub use error::EventLogError;
pub use event_type::EventType;
pub use log::{Event, EventLog, MAX_EVENTS};
pub use provenance::Provenance;
pub use replay::{Registers, Replay, VerifiedEvent, VerifiedLog};
