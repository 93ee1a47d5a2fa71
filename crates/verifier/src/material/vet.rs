//! Is this one answer genuine? For who fetches Endorsements, and must not let a bad answer take the
//! place of a good one. Evidence is judged by whole sets all the same, at each verification.

mod amd;
mod error;
mod intel;
mod nvidia;

use adyton_tee_amd_snp::SnpEndorsements;
use adyton_tee_intel_dcap::PckPlatform;
use adyton_types::UnixTime;

use super::document::Document;
use super::{Material, Trust};
use crate::EndorsementNeeded;

pub use error::VetError;
pub use nvidia::{ocsp_questions, vet_ocsp};

/// Verifies that `answer` holds what is needed, signed up to a root of `trust`; certificates above it
/// may come from `known`. Gives until when it is good.
///
/// OCSP answers are vetted one by one: [`vet_ocsp`].
///
/// # Errors
/// [`VetError`].
pub fn vet(
    needed: &EndorsementNeeded,
    answer: &Material,
    known: &Material,
    trust: &Trust,
    now: UnixTime,
) -> Result<UnixTime, VetError> {
    let other = || VetError::Other {
        expected: needed.to_string(),
    };
    let (answer, known) = (&answer.0, &known.0);
    match needed {
        EndorsementNeeded::IntelTcbInfo { tee, fmspc, .. } => {
            let fits = |one: &&Document| (one.tee, one.fmspc) == (*tee, *fmspc);
            let all = answer.tcb_infos.iter().filter(fits);
            let document = all.max_by_key(|one| one.rank(now)).ok_or_else(other)?;
            intel::tcb_info(document, [answer, known], trust, now)
        }
        EndorsementNeeded::IntelQeIdentity { tee, .. } => {
            let all = answer.qe_identities.iter().filter(|one| one.tee == *tee);
            let document = all.max_by_key(|one| one.rank(now)).ok_or_else(other)?;
            intel::qe_identity(document, [answer, known], trust, now)
        }
        EndorsementNeeded::IntelPckCrl { ca, .. } => {
            let issuer = intel::pck_ca(ca).ok_or_else(other)?;
            let crl = answer.crl_of(issuer, now).ok_or_else(other)?;
            intel::pck_crl(crl, issuer, [answer, known], trust, now)
        }
        EndorsementNeeded::IntelRootCrl { .. } => {
            let crl = answer.crl_of(intel::ROOT, now).ok_or_else(other)?;
            intel::root_crl(crl, [answer, known], trust, now)
        }
        EndorsementNeeded::IntelPck { query, .. } => {
            let fits = |platform: &PckPlatform| {
                query.as_ref().is_none_or(|query| {
                    let [low, high] = query.pce_svn;
                    // Intel certifies TCBs that a platform's is not below.
                    platform.pce_id == query.pce_id
                        && platform.pce_svn <= u16::from_le_bytes([low, high])
                })
            };
            first_good(answer.named(intel::PCK), other, |leaf| {
                let (platform, until) = intel::pck(leaf, [answer, known], trust, now)?;
                Ok(fits(&platform).then_some(until))
            })
        }
        EndorsementNeeded::AmdChain { generation, .. } => {
            let chain = amd::authority(answer, *generation, needed).ok_or_else(other)?;
            amd::chain(&chain, trust, now)
        }
        EndorsementNeeded::AmdCrl { generation, .. } => {
            let issuer = format!("ARK-{generation}");
            let crl = answer.crl_of(&issuer, now).ok_or_else(other)?;
            amd::crl(crl, *generation, needed, [answer, known], trust, now)
        }
        EndorsementNeeded::AmdVcek {
            generation, chip, ..
        } => {
            let fits = |vcek: &SnpEndorsements| {
                chip.as_ref().is_none_or(|(id, tcb)| {
                    vcek.chip_id() == Some(id.as_slice()) && vcek.tcb() == *tcb
                })
            };
            first_good(answer.named(amd::VCEK), other, |leaf| {
                let vcek = amd::vcek(leaf, *generation, needed, known, trust, now)?;
                Ok(fits(&vcek).then(|| vcek.not_after()))
            })
        }
        EndorsementNeeded::NvidiaRim { id, .. } => first_good(answer.rims.iter(), other, |rim| {
            nvidia::rim(rim, id, trust, now)
        }),
        EndorsementNeeded::NvidiaOcsp { .. }
        | EndorsementNeeded::AmdVlek { .. }
        | EndorsementNeeded::TpmTrust { .. }
        | EndorsementNeeded::CcaKey { .. }
        | EndorsementNeeded::CcaReference { .. } => Err(VetError::Unserved),
    }
}

/// Until when the first that verifies and fits is good; or else why the first did not verify.
fn first_good<T>(
    all: impl Iterator<Item = T>,
    other: impl Fn() -> VetError,
    vet: impl Fn(T) -> Result<Option<UnixTime>, VetError>,
) -> Result<UnixTime, VetError> {
    let mut first = None;
    for one in all {
        match vet(one) {
            Ok(Some(until)) => return Ok(until),
            Ok(None) => {}
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(other))
}

#[cfg(test)]
mod tests;
