//! The software TEE: a platform key in place of a hardware root (`specs/software-evidence.md`).
//!
//! Its Evidence says that the holder of a platform key states that an executable asked for a
//! report. Whoever can read that key can state anything, so a Relying Party accepts it only by
//! pinning the very key: every verified report carries the key's fingerprint, and the policy
//! cannot leave it out.
//!
//! Here are the Verifier's side and the pure half of the Attester's side. Files, and the measuring
//! of the running executable, are the `attester` crate's.

mod claims;
mod error;
mod platform_key;
mod report;
mod verify;

#[cfg(test)]
mod tests;

pub use claims::SoftwareClaims;
pub use error::{PlatformKeyError, SoftwareEvidenceError};
pub use platform_key::{PLATFORM_KEY_BYTES, PlatformKey};
pub use report::{SOFTWARE_SVN, SoftwareReport};
pub use verify::{VerifiedReport, verify};
