//! Event logs of trust domains: what was extended into RTMR0 to RTMR3, one event after the other.
//!
//! A log is the guest's own word. What ties it to a quote is that its digests, replayed, give the
//! quote's RTMRs. That alone proves the *digests*: a description beside a digest is still anybody's
//! text, unless the digest is that of the description. So every digest is computed anew where the
//! event's bytes allow it, and an event tells which of its bytes are bound by its digest, if any
//! ([`Event::bound`]).

mod binary;
mod error;
mod event;
mod json;
mod replay;

pub use binary::{MAX_EVENTS, MAX_LOG_BYTES};
pub use error::EventLogError;
pub use event::{Event, EventLog, Origin, RuntimeForm};
pub use replay::VerifiedEventLog;
