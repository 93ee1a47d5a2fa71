//! The Verifier's first half (RFC 9334 section 4): is this Evidence authentic, and about this very
//! binding?
//!
//! [`verify`] dispatches over the kinds of TEE, a crate each under `tee/`, and brings what they
//! state into one form, [`Claims`]. Whether the claims are acceptable is the `appraisal` crate's
//! question; it takes a [`VerifiedEvidence`], which only this crate makes.
//!
//! What a vendor has to say about its machines is held in [`Endorsements`], each part verified once;
//! [`needs`] says which are missing. [`envelope`] finds Evidence in the forms in which tools write
//! it down, and [`material`] does the same for Endorsements. Nothing here reads a file, a clock or
//! the network.

mod attribute;
mod authentic;
mod claims;
mod endorsements;
pub mod envelope;
mod error;
mod fields;
mod held;
mod kinds;
pub mod material;
mod needed;
mod verify;

pub use adyton_tee_arm_cca::CcaEndorsements;
pub use adyton_tee_intel_dcap::eventlog::{Event, MAX_LOG_BYTES, Origin, VerifiedEventLog};
pub use attribute::Attribute;
pub use authentic::{AuthenticEvidence, VerifiedEvidence};
pub use claims::{Claims, TcbStanding};
pub use endorsements::{Endorsements, NITRO_MAX_AGE_SECS, Scope};
pub use error::VerifyError;
pub use fields::fields;
pub use held::Held;
pub use needed::{EndorsementNeeded, PckQuery};
pub use verify::{authenticate, needs, verify};
