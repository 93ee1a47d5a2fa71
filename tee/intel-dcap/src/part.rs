//! Single Endorsements of Intel's, each verified by itself: for who fetches and keeps them, and has to
//! tell a genuine answer from others before it takes the place of one that is kept. What comes out
//! is until when it is good; quotes are judged by whole sets,
//! [`IntelEndorsements`](crate::IntelEndorsements).

use adyton_pki::verify_path;
use adyton_types::UnixTime;

use crate::document::{SignedDocument, require_dates};
use crate::endorsement::{PCK_RULES, ca_path, certificates, list, open, pki, signer_path};
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
    let signer = signer_path(chain, roots, now)?;
    let raw: RawTcbInfo = open(signed, Document::TcbInfo, &signer)?;
    let (from, to) = (raw.issue_date, raw.next_update);
    require_dates(Document::TcbInfo, from, to, now)?;
    raw.check(tee)?;
    Ok(to.min(signer.not_after()))
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
    let signer = signer_path(chain, roots, now)?;
    let raw: RawQeIdentity = open(signed, Document::QeIdentity, &signer)?;
    let (from, to) = (raw.issue_date, raw.next_update);
    require_dates(Document::QeIdentity, from, to, now)?;
    raw.check(tee)?;
    Ok(to.min(signer.not_after()))
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
    let crl = list(Chain::PckCrl, der, &ca, now)?;
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
