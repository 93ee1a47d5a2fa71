//! Is this one answer genuine? For who fetches Endorsements, and must not let a bad answer take the
//! place of a good one. Evidence is judged by whole sets all the same, at each verification.

mod amd;
mod error;
mod intel;
mod nvidia;
mod vetted;

use adyton_pki::Crl;
use adyton_tee_amd_snp::{Generation, SnpEndorsements};
use adyton_tee_intel_dcap::PckPlatform;
use adyton_types::UnixTime;

use super::choice::best;
use super::document::Document;
use super::parts::Parts;
use super::{Material, Trust};
use crate::EndorsementNeeded;
use intel::Under;

pub use error::VetError;
pub use nvidia::{ocsp_questions, vet_ocsp, vet_ocsp_nonce};
pub use vetted::Vetted;

/// Verifies that `answer` holds what is needed, signed up to a root of `trust`; certificates above it
/// may come from `known`. Gives that alone, without what came along.
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
) -> Result<Vetted, VetError> {
    match needed {
        EndorsementNeeded::IntelTcbInfo { .. }
        | EndorsementNeeded::IntelQeIdentity { .. }
        | EndorsementNeeded::IntelPckCrl { .. }
        | EndorsementNeeded::IntelRootCrl { .. }
        | EndorsementNeeded::IntelPck { .. } => {
            let parts = [&answer.0, &known.0];
            vet_intel(needed, &Under { parts, trust, now })
        }
        EndorsementNeeded::AmdChain { generation, .. }
        | EndorsementNeeded::AmdCrl { generation, .. }
        | EndorsementNeeded::AmdVcek { generation, .. } => {
            vet_amd(needed, *generation, [&answer.0, &known.0], trust, now)
        }
        EndorsementNeeded::NvidiaRim { id, .. } => first_good(
            answer.0.rims.iter(),
            || other(needed),
            |rim| nvidia::rim(rim, id, trust, now),
        ),
        EndorsementNeeded::NvidiaOcsp { .. }
        | EndorsementNeeded::AmdVlek { .. }
        | EndorsementNeeded::TpmTrust { .. }
        | EndorsementNeeded::CcaKey { .. }
        | EndorsementNeeded::CcaReference { .. } => Err(VetError::Unserved),
    }
}

fn other(needed: &EndorsementNeeded) -> VetError {
    VetError::Other {
        expected: needed.to_string(),
    }
}

fn vet_intel(needed: &EndorsementNeeded, under: &Under<'_>) -> Result<Vetted, VetError> {
    let (answer, now) = (under.parts[0], under.now);
    let other = || other(needed);
    match needed {
        EndorsementNeeded::IntelTcbInfo { tee, fmspc, .. } => {
            let all = answer.tcb_infos.iter();
            let all = all.filter(|one| (one.tee, one.fmspc) == (*tee, *fmspc));
            let is_good = |one: &Document| intel::tcb_info(one, under).is_ok();
            let document = best(all, |one| one.rank(now), is_good).ok_or_else(other)?;
            intel::tcb_info(document, under)
        }
        EndorsementNeeded::IntelQeIdentity { tee, .. } => {
            let all = answer.qe_identities.iter().filter(|one| one.tee == *tee);
            let is_good = |one: &Document| intel::qe_identity(one, under).is_ok();
            let document = best(all, |one| one.rank(now), is_good).ok_or_else(other)?;
            intel::qe_identity(document, under)
        }
        EndorsementNeeded::IntelPckCrl { ca, .. } => {
            let issuer = intel::pck_ca(ca).ok_or_else(other)?;
            let is_good = |crl: &Crl| intel::pck_crl(crl, issuer, under).is_ok();
            let crl = answer.crl_of(issuer, now, is_good).ok_or_else(other)?;
            intel::pck_crl(crl, issuer, under)
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
            let leaves = answer.named(intel::PCK);
            first_good(leaves, other, |leaf| intel::pck(leaf, under, fits))
        }
        _ => {
            let is_good = |crl: &Crl| intel::root_crl(crl, under).is_ok();
            let crl = answer.crl_of(intel::ROOT, now, is_good).ok_or_else(other)?;
            intel::root_crl(crl, under)
        }
    }
}

fn vet_amd(
    needed: &EndorsementNeeded,
    generation: Generation,
    [answer, known]: [&Parts; 2],
    trust: &Trust,
    now: UnixTime,
) -> Result<Vetted, VetError> {
    let root = format!("ARK-{generation}");
    let of = |parts| amd::authority(parts, generation, needed, trust, now);
    let lacks = "AMD's certificate chain";
    let above = |found: Option<_>| found.ok_or(VetError::Lacks { lacks });
    match needed {
        EndorsementNeeded::AmdChain { .. } => {
            let chain = of(answer).ok_or_else(|| other(needed))?;
            amd::chain(&chain, trust, now)
        }
        EndorsementNeeded::AmdCrl { .. } => {
            let authority = above(of(known).or_else(|| of(answer)));
            let is_good = |crl: &Crl| match &authority {
                Ok(authority) => amd::crl(crl, authority, trust, now).is_ok(),
                Err(_) => false,
            };
            let crl = answer.crl_of(&root, now, is_good);
            let crl = crl.ok_or_else(|| other(needed))?;
            amd::crl(crl, &authority?, trust, now)
        }
        _ => {
            let authority = above(of(known));
            let crl = known.crl_of(&root, now, |crl| match &authority {
                Ok(authority) => amd::crl(crl, authority, trust, now).is_ok(),
                Err(_) => false,
            });
            let chip = match needed {
                EndorsementNeeded::AmdVcek { chip, .. } => chip.as_ref(),
                _ => None,
            };
            let fits = |vcek: &SnpEndorsements| {
                chip.is_none_or(|(id, tcb)| {
                    vcek.chip_id() == Some(id.as_slice()) && vcek.tcb() == *tcb
                })
            };
            first_good(
                answer.named(amd::VCEK),
                || other(needed),
                |leaf| {
                    let authority = authority.as_ref().map_err(Clone::clone)?;
                    let vcek = amd::vcek(leaf, authority, crl, trust, now)?;
                    let vetted = || Vetted::alone(vcek.not_after(), leaf.der().to_vec());
                    Ok(fits(&vcek).then(vetted))
                },
            )
        }
    }
}

/// The first that verifies and fits; or else why the first did not verify.
fn first_good<T>(
    all: impl Iterator<Item = T>,
    other: impl Fn() -> VetError,
    vet: impl Fn(T) -> Result<Option<Vetted>, VetError>,
) -> Result<Vetted, VetError> {
    let mut first = None;
    for one in all {
        match vet(one) {
            Ok(Some(vetted)) => return Ok(vetted),
            Ok(None) => {}
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(other))
}

#[cfg(test)]
mod tests;
