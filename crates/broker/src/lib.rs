//! The Relying Party's engine: release documents, and the decision whether a secret leaves.
//!
//! - A [`ReleaseDocument`] is what a data owner allows; everything else is denied.
//! - The [`Engine`] turns a request into an answer or a denial, in three typed steps, so that a
//!   secret cannot be sealed before its release is counted and in the log.
//! - [`AdminCommand`]s are what an owner does: put secrets and documents, look at them and at the
//!   log.
//!
//! State is behind [`BrokerStore`], time and randomness are arguments: the same events give the
//! same decisions.

mod admin;
mod authorize;
mod committed;
mod decide;
mod denials;
mod document;
mod engine;
mod error;
mod log;
mod records;
mod state;
mod verified;

pub use admin::{
    AdminCommand, AdminError, AdminReply, MAX_ENTRIES_AT_ONCE, MAX_NOTE_BYTES, SecretInfo,
};
pub use adyton_appraisal::Judging;
pub use committed::{Committed, Effect};
pub use document::{DocumentError, MAX_DOCUMENT_BYTES, ReleaseDocument};
pub use engine::{BrokerIdentity, Engine};
pub use error::ReleaseError;
pub use state::{BrokerState, BrokerStore, StateError, StateTable};
pub use verified::VerifiedRequest;
