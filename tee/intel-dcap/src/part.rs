//! Single Endorsements of Intel's, each verified by itself: for who fetches and keeps them, and has to
//! tell a genuine answer from others before it takes the place of one that is kept. What comes out
//! is until when it is good; quotes are judged by whole sets,
//! [`IntelEndorsements`](crate::IntelEndorsements).

use adyton_pki::{Certificate, verify_path};
use adyton_types::UnixTime;

use crate::document::{SignedDocument, require_dates};
use crate::endorsement::{
    CA_RULES, PCK_RULES, ca_path, certificates, list, open, pck_list, pki, signer_path,
};
use crate::error::{Chain, Document};
use crate::pck::PckPlatform;
use crate::qe_identity::RawQeIdentity;
use crate::tcb_info::RawTcbInfo;
use crate::{IntelError, IntelTee, Roots};

/// Verifies TCB info for `tee`; `chain` is its signer's, in PEM.
///
/// # Errors
/// [`IntelError`].
pub fn verify_tcb_info(
    tee: IntelTee,
    signed: &SignedDocument,
    chain: &[u8],
    roots: &Roots,
    now: UnixTime,
) -> Result<UnixTime, IntelError> {
    let dates = |raw: &RawTcbInfo| [raw.issue_date, raw.next_update];
    let (raw, until) = document(signed, Document::TcbInfo, dates, chain, roots, now)?;
    raw.check(tee)?;
    Ok(until)
}

/// Verifies the identity of the quoting enclave of `tee`; `chain` is its signer's, in PEM.
///
/// # Errors
/// [`IntelError`].
pub fn verify_qe_identity(
    tee: IntelTee,
    signed: &SignedDocument,
    chain: &[u8],
    roots: &Roots,
    now: UnixTime,
) -> Result<UnixTime, IntelError> {
    let dates = |raw: &RawQeIdentity| [raw.issue_date, raw.next_update];
    let (raw, until) = document(signed, Document::QeIdentity, dates, chain, roots, now)?;
    raw.check(tee)?;
    Ok(until)
}

/// Opens a document that is in date, and says until when it and its signer are.
fn document<T: serde::de::DeserializeOwned>(
    signed: &SignedDocument,
    kind: Document,
    dates: impl Fn(&T) -> [UnixTime; 2],
    chain: &[u8],
    roots: &Roots,
    now: UnixTime,
) -> Result<(T, UnixTime), IntelError> {
    let signer = signer_path(chain, roots, now)?;
    let raw: T = open(signed, kind, &signer)?;
    let [from, to] = dates(&raw);
    require_dates(kind, from, to, now)?;
    Ok((raw, to.min(signer.not_after())))
}

/// Verifies the chain, in PEM, of a TCB signer or of a PCK CA.
///
/// # Errors
/// [`IntelError`].
pub fn verify_authority(chain: &[u8], roots: &Roots, now: UnixTime) -> Result<(), IntelError> {
    match signer_path(chain, roots, now) {
        Ok(_) => Ok(()),
        Err(error) => ca_path(chain, roots, now).map(|_| ()).map_err(|_| error),
    }
}

/// Whether a certificate is that of a pinned root, whole and in date.
#[must_use]
pub fn is_root(certificate: &Certificate, roots: &Roots, now: UnixTime) -> bool {
    let anchors = roots.anchors();
    anchors.iter().any(|anchor| anchor.is_key_of(certificate))
        && verify_path(vec![certificate.clone()], anchors, &CA_RULES, now).is_ok()
}

/// Verifies the revocation list of the root; `chain` is that of a TCB signer, in PEM.
///
/// # Errors
/// [`IntelError`].
pub fn verify_root_crl(
    der: &[u8],
    chain: &[u8],
    roots: &Roots,
    now: UnixTime,
) -> Result<UnixTime, IntelError> {
    let signer = signer_path(chain, roots, now)?;
    let crl = list(Chain::RootCrl, der, &signer, now)?;
    Ok(crl.next_update())
}

/// Verifies the revocation list of a PCK CA; `chain` is that CA's, in PEM.
///
/// # Errors
/// [`IntelError`].
pub fn verify_pck_crl(
    der: &[u8],
    chain: &[u8],
    roots: &Roots,
    now: UnixTime,
) -> Result<UnixTime, IntelError> {
    let ca = ca_path(chain, roots, now)?;
    let crl = pck_list(der, &ca, now)?;
    Ok(crl.next_update().min(ca.not_after()))
}

/// Verifies a platform's certificate; `chain` begins with it, in PEM.
///
/// # Errors
/// [`IntelError`].
pub fn verify_pck(
    chain: &[u8],
    roots: &Roots,
    now: UnixTime,
) -> Result<(PckPlatform, UnixTime), IntelError> {
    let certificates = certificates(Chain::Pck, chain)?;
    let path = verify_path(certificates, roots.anchors(), &PCK_RULES, now);
    let path = path.map_err(pki(Chain::Pck))?;
    Ok((PckPlatform::parse(path.leaf())?, path.not_after()))
}
