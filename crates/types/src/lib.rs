//! The nouns of RFC 9334 (Remote ATtestation procedureS) as types, and the few words that every
//! layer shares: names, time, and whose fault an error is.
//!
//! A type here has one constructor, which refuses what is not one; having the value tells you
//! that it is well-formed, and never that anybody vouches for it.

mod check;
mod digest;
mod error_class;
mod evidence;
mod name;
mod named_check;
mod protection;
mod tee_kind;
mod time;

pub use check::{Check, Field};
pub use digest::{Fingerprint, PlatformId, PlatformMeasurement, ProgramMeasurement, Sha256Digest};
pub use error_class::ErrorClass;
pub use evidence::{Evidence, MAX_EVIDENCE_BYTES, ReportData};
pub use name::{MAX_NAME_BYTES, Name, NameError};
pub use named_check::NamedCheck;
pub use protection::{Protection, Protections, UnknownProtection};
pub use tee_kind::{TeeKind, UnknownTeeKind};
pub use time::{TimeError, UnixTime};
