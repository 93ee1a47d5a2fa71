use adyton_pki::{Certificate, Crl};
use adyton_tee_intel_dcap::{IntelError, PckPlatform, part};
use adyton_types::UnixTime;

use super::error::VetError;
use crate::material::Trust;
use crate::material::document::Document;
pub(super) use crate::material::intel::{PCK, ROOT};
use crate::material::intel::{PCK_CAS, TCB_SIGNER, to_pem};
use crate::material::parts::Parts;

/// The name of the CA that the PCS calls `platform` or `processor`.
pub(super) fn pck_ca(name: &str) -> Option<&'static str> {
    let mut all = PCK_CAS.into_iter();
    all.find(|(_, short)| *short == name).map(|(ca, _)| ca)
}

pub(super) fn tcb_info(
    document: &Document,
    parts: [&Parts; 2],
    trust: &Trust,
    now: UnixTime,
) -> Result<UnixTime, VetError> {
    let lacks = "the certificate of Intel's TCB signer";
    under(parts, TCB_SIGNER, lacks, |chain| {
        part::verify_tcb_info(document.tee, &document.signed, chain, &trust.intel, now)
    })
}

pub(super) fn qe_identity(
    document: &Document,
    parts: [&Parts; 2],
    trust: &Trust,
    now: UnixTime,
) -> Result<UnixTime, VetError> {
    let lacks = "the certificate of Intel's TCB signer";
    under(parts, TCB_SIGNER, lacks, |chain| {
        part::verify_qe_identity(document.tee, &document.signed, chain, &trust.intel, now)
    })
}

pub(super) fn root_crl(
    crl: &Crl,
    parts: [&Parts; 2],
    trust: &Trust,
    now: UnixTime,
) -> Result<UnixTime, VetError> {
    let lacks = "a certificate that Intel's root issued";
    under(parts, TCB_SIGNER, lacks, |chain| {
        part::verify_root_crl(crl.der(), chain, &trust.intel, now)
    })
}

pub(super) fn pck_crl(
    crl: &Crl,
    issuer: &str,
    parts: [&Parts; 2],
    trust: &Trust,
    now: UnixTime,
) -> Result<UnixTime, VetError> {
    let lacks = "the certificate of Intel's PCK CA";
    under(parts, issuer, lacks, |chain| {
        part::verify_pck_crl(crl.der(), chain, &trust.intel, now)
    })
}

/// A platform's certificate, under the CA that it names.
pub(super) fn pck(
    leaf: &Certificate,
    parts: [&Parts; 2],
    trust: &Trust,
    now: UnixTime,
) -> Result<(PckPlatform, UnixTime), VetError> {
    let lacks = "the certificate of Intel's PCK CA";
    let issuer = leaf.issuer_common_name().unwrap_or_default();
    under(parts, issuer, lacks, |chain| {
        let chain = [to_pem(&[leaf]).as_slice(), chain].concat();
        part::verify_pck(&chain, &trust.intel, now)
    })
}

/// Verifies under each certificate of that name, with the root's: vendors renew them.
fn under<T>(
    parts: [&Parts; 2],
    name: &str,
    lacks: &'static str,
    verify: impl Fn(&[u8]) -> Result<T, IntelError>,
) -> Result<T, VetError> {
    let mut first = None;
    let root = parts.into_iter().find_map(|parts| parts.named(ROOT).next());
    for issuer in parts.into_iter().flat_map(|parts| parts.named(name)) {
        let chain: Vec<&Certificate> = std::iter::once(issuer).chain(root).collect();
        match verify(&to_pem(&chain)) {
            Ok(verified) => return Ok(verified),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.map_or(VetError::Lacks { lacks }, VetError::from))
}
