//! The Verifier's second half (RFC 9334 section 8.5): are these claims acceptable to this owner?
//!
//! A [`PlatformPolicy`] is one way in which a platform may be acceptable; [`appraise`] wants one of
//! them satisfied in full. What comes out is either an [`Appraised`], which only this crate makes
//! and without which no key is released, or every claim that failed.
//!
//! Release documents hold such policies. An [`AppraisalPolicy`] is a document of its own, for
//! judging Evidence where no secret is asked for: it yields an [`AttestationResult`], which can be
//! issued as an EAR. [`References`] are the signed lists of Reference Values that either may name;
//! a vendor's CoRIM becomes the draft of one ([`import_corim`]).

mod appraise;
mod basis;
mod consistency;
mod context;
mod corim;
mod document;
mod encoding;
mod error;
mod failed_claim;
mod judge;
mod judging;
mod policy;
mod references;
mod result;
mod rules;
mod standard;
mod text;
mod vocabulary;

#[cfg(test)]
mod tests;

pub use appraise::{Appraised, appraise};
pub use basis::Basis;
pub use context::Context;
pub use corim::{
    CorimError, CorimImport, CorimSigner, LeftOut, MAX_CORIM_BYTES, Taken,
    danger_import_unverified_corim, import_corim,
};
pub use document::{AppraisalPolicy, MAX_POLICY_BYTES};
pub use encoding::PlatformCodecError;
pub use error::PolicyError;
pub use failed_claim::FailedClaim;
pub use judging::Judging;
pub use policy::PlatformPolicy;
pub use references::{MAX_LIST_BYTES, ReferenceDraft, ReferenceError, ReferenceValues, References};
pub use result::{AttestationResult, EarTerms};
pub use rules::{Advisories, Grace, HardwareRules, Measurements, ReferenceSource, Wanted};
pub use standard::{DEVELOPMENT, PRODUCTION};
pub use text::PlatformText;
