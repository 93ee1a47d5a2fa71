use adyton_pki::{Certificate, Crl};
use adyton_tee_amd_snp::{CaChain, Generation, SigningCa, SnpEndorsements};
use adyton_types::UnixTime;

use super::error::VetError;
use crate::EndorsementNeeded;
use crate::material::Trust;
use crate::material::parts::Parts;

pub(super) const VCEK: &str = "SEV-VCEK";

/// A root's certificate, and that of an authority below it.
pub(super) struct Authority<'a> {
    ark: &'a Certificate,
    ca: &'a Certificate,
}

impl Authority<'_> {
    fn chain(&self) -> CaChain<'_> {
        CaChain {
            ark: self.ark.der(),
            ca: self.ca.der(),
        }
    }
}

/// The chain that is needed, or that something else is verified with: of VLEKs if its address says
/// so.
pub(super) fn authority<'a>(
    parts: &'a Parts,
    generation: Generation,
    needed: &EndorsementNeeded,
) -> Option<Authority<'a>> {
    let vlek = needed.url().is_some_and(|url| url.contains("/vlek/"));
    let ca = match vlek {
        true => format!("SEV-VLEK-{generation}"),
        false => format!("SEV-{generation}"),
    };
    let ark = format!("ARK-{generation}");
    Some(Authority {
        ark: parts.named(&ark).next()?,
        ca: parts.named(&ca).next()?,
    })
}

/// A chain by itself: whether one of it is revoked is asked where it is used.
pub(super) fn chain(
    authority: &Authority<'_>,
    trust: &Trust,
    now: UnixTime,
) -> Result<UnixTime, VetError> {
    let chain = authority.chain();
    let ca = SigningCa::danger_without_revocation_list(&trust.amd, &chain, now)?;
    Ok(ca.not_after())
}

pub(super) fn crl(
    crl: &Crl,
    generation: Generation,
    needed: &EndorsementNeeded,
    parts: [&Parts; 2],
    trust: &Trust,
    now: UnixTime,
) -> Result<UnixTime, VetError> {
    let mut found = parts.into_iter();
    let found = found.find_map(|parts| authority(parts, generation, needed));
    let lacks = "AMD's certificate chain";
    let authority = found.ok_or(VetError::Lacks { lacks })?;
    let ca = SigningCa::verify(&trust.amd, &authority.chain(), crl.der(), now)?;
    Ok(ca.not_after())
}

/// The certificate of a chip, under an authority that is not known to be revoked.
pub(super) fn vcek(
    leaf: &Certificate,
    generation: Generation,
    needed: &EndorsementNeeded,
    known: &Parts,
    trust: &Trust,
    now: UnixTime,
) -> Result<SnpEndorsements, VetError> {
    let lacks = "AMD's certificate chain";
    let authority = authority(known, generation, needed).ok_or(VetError::Lacks { lacks })?;
    let chain = authority.chain();
    let ca = match known.crl_of(&format!("ARK-{generation}"), now) {
        Some(crl) => SigningCa::verify(&trust.amd, &chain, crl.der(), now)?,
        None => SigningCa::danger_without_revocation_list(&trust.amd, &chain, now)?,
    };
    Ok(SnpEndorsements::verify(&ca, leaf.der(), now)?)
}
