//! The Verifier's second half (RFC 9334 section 8.5): are these claims acceptable to this owner?
//!
//! A [`PlatformPolicy`] is one way in which a platform may be acceptable; [`appraise`] wants one of
//! them satisfied in full. What comes out is either an [`Appraised`], which only this crate makes
//! and without which no key is released, or every claim that failed.

mod appraise;
mod error;
mod failed_claim;
mod policy;

#[cfg(test)]
mod tests;

pub use appraise::{Appraised, appraise};
pub use error::PolicyError;
pub use failed_claim::FailedClaim;
pub use policy::PlatformPolicy;
