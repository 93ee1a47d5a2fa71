//! Certificates and revocation lists under keys made on the spot, every field free to be wrong: what
//! tests of refusals are made of. Nothing of the product uses this module.

mod certificate;
mod crl;
mod encode;
mod key;
mod ocsp;

pub use certificate::{CertificateForge, ExtensionForge};
pub use crl::CrlForge;
pub use encode::{
    bit_string, boolean, explicit, generalized_time, integer, name, null, octet_string, oid, pem,
    sequence, set, time, tlv, utf8,
};
pub use key::ForgeKey;
pub use ocsp::{AnswerForge, OcspForge};
