//! The Verifier's first half (RFC 9334 section 4): is this Evidence authentic, and about this very
//! binding?
//!
//! [`verify`] dispatches over the kinds of TEE, a crate each under `tee/`, and brings what they
//! state into one form, [`Claims`]. Whether the claims are acceptable is the `appraisal` crate's
//! question; it takes a [`VerifiedEvidence`], which only this crate makes.

mod claims;
mod error;
mod verify;

pub use claims::Claims;
pub use error::VerifyError;
pub use verify::{VerifiedEvidence, verify};
