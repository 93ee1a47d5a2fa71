//! TPM 2.0 quotes: from bytes to verified claims.
//!
//! A quote is a TPM's statement, under an Attestation Key, of the digest of *some* PCRs. [`verify`]
//! makes every check that turns it into a statement about the PCRs that were asked for: who vouches
//! for the key and what the key may do, which PCRs were selected, which values and which event log
//! add up to the digest, for which nonce. What policy has to judge (values, firmware version, who
//! vouches) is in [`TpmClaims`].
//!
//! A key without a certificate is enrolled: its TPM opens a credential that only the holder of a
//! trusted Endorsement Key can open, and only for that key ([`Enrolment`]).
//!
//! [`eventlog`] reads and replays event logs, those of TDX (CCEL) too.
//!
//! Sources: TPM 2.0 Library Specification 1.59 (parts 1 to 3), TCG EK Credential Profile 2.5,
//! TCG PC Client Platform Firmware Profile 1.06.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::string_slice
    )
)]

mod alg;
pub mod checks;
mod claims;
mod concern;
mod credential;
mod endorsement;
mod enrolled;
mod enrolment;
mod error;
pub mod eventlog;
mod evidence;
mod hierarchy;
mod key;
mod pcr;
mod public;
mod purpose;
mod report;
mod signature;
mod verify;
mod wire;

#[cfg(feature = "forge")]
pub mod forge;

#[cfg(test)]
mod tests;

pub use alg::{HashAlg, alg_name};
pub use claims::TpmClaims;
pub use concern::Concern;
pub use credential::{Credential, make_credential};
pub use endorsement::{AkSource, TpmEndorsements, TrustedAk, TrustedEk};
pub use enrolled::EnrolledAk;
pub use enrolment::Enrolment;
pub use error::TpmError;
pub use evidence::TpmEvidence;
pub use hierarchy::Hierarchy;
pub use key::Curve;
pub use pcr::{MAX_PCRS, PcrError, PcrSelection, PcrSet, PcrValues, QuotedSelection};
pub use public::{Attributes, TpmPublic};
pub use report::{ATTEST_QUOTE, Quote, TPM_GENERATED};
pub use signature::{Scheme, Signature, SignatureValue};
pub use verify::{Expected, SignedQuote, VerifiedQuote, verify, verify_quote};
pub use wire::FormError;
