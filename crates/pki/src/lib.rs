//! X.509: certificates, paths, revocation lists and OCSP answers at a given time, by the rules of
//! RFC 5280 and RFC 6960.
//!
//! Every byte that is hashed or compared is a byte as received: nothing is encoded anew. A path ends
//! at a key that the caller pins, never at a name. What this crate does not understand and the
//! issuer calls critical is refused.
//!
//! No secret is handled here, so the provider is `aws-lc-rs`, which verifies P-384 four times faster
//! than any other.

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::string_slice
    )
)]

mod algorithm;
mod anchor;
mod certificate;
mod crl;
mod der_reader;
mod error;
mod extension;
mod key_kind;
mod ocsp;
mod oid;
mod path;
mod pem;
mod public_key;
mod scheme;
mod time;

#[cfg(feature = "forge")]
pub mod forge;

pub use algorithm::SignatureAlgorithm;
pub use anchor::TrustAnchor;
pub use certificate::{Certificate, MAX_CERTIFICATE_BYTES};
pub use crl::{Crl, MAX_CRL_BYTES, VerifiedCrl};
pub use der::oid::ObjectIdentifier as Oid;
pub use der_reader::{DerReader, Element, tag};
pub use error::PkiError;
pub use extension::{BasicConstraints, Extension, KeyUsage};
pub use key_kind::KeyKind;
pub use ocsp::{MAX_OCSP_BYTES, OcspError, OcspQuestion, OcspResponse, OcspWindow};
pub use oid::known as oids;
pub use path::{LeafRule, MAX_PATH, PathRules, VerifiedPath, verify_path};
pub use pem::{MAX_PEM_BYTES, parse_pem_chain, split_first_pem, split_pem_chain};
pub use public_key::PublicKey;
