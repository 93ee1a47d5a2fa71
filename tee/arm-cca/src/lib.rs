//! Arm CCA attestation tokens: from bytes to verified claims.
//!
//! A token holds two signed claim sets. The platform token is signed by the CPAK, a key of one
//! machine that its vendor endorses; the realm token by the RAK, a key that the platform made at
//! boot. The platform's challenge is the hash of the RAK, which binds the two.
//!
//! [`verify`] makes every check that the Arm documents ask for, by name; what they leave to the
//! Relying Party (which realm, which session) is in [`CcaClaims`].
//!
//! Sources: RMM specification DEN0137 section A7, draft-ffm-rats-cca-token, RFC 9052, RFC 9711.
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice
)]

mod checks;
mod claims;
mod cose;
mod endorsement;
mod error;
mod hash;
mod ids;
mod key;
mod map;
mod platform;
mod realm;
mod report;
mod verify;

#[cfg(feature = "forge")]
pub mod forge;

pub use checks::{ALL_CHECKS, NamedCheck};
pub use claims::CcaClaims;
pub use endorsement::{CcaEndorsements, ComponentReference, PlatformReference};
pub use error::{CcaError, Part};
pub use hash::HashAlgorithm;
pub use ids::{ImplementationId, InstanceId};
pub use key::{Curve, EcKey};
pub use platform::{PlatformClaims, PlatformProfile, SwComponent};
pub use realm::{RealmClaims, RealmProfile};
pub use report::{CcaToken, MAX_TOKEN_BYTES, Wrapping};
pub use verify::{VerifiedToken, verify};
