//! EAR: what a Verifier found, as a signed token that others can check (draft-ietf-rats-ear-04,
//! with the trustworthiness vector of draft-ietf-rats-ar4si).
//!
//! An [`Ear`] is issued as JWT (RFC 7519) or CWT (RFC 8392), under Ed25519 or ECDSA on P-256. Who
//! receives one has a [`Pin`]: one key, one issuer, one audience. Only a pin makes a
//! [`VerifiedEar`]. A result that does not affirm is a result like others: it names each claim that
//! failed.

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::string_slice
    )
)]

mod cwt;
mod ear;
mod error;
mod jwt;
mod key;
mod pin;
mod tier;
mod vector;

pub use ear::{Ear, FailedWord, MAX_TOKEN_BYTES, PROFILE, Submod, VerifierId};
pub use error::EarError;
pub use key::{EarSigningKey, EarVerifyingKey};
pub use pin::{Pin, VerifiedEar};
pub use tier::Tier;
pub use vector::{TrustVector, trust};
