use adyton_pki::{Certificate, Crl};
use adyton_tee_amd_snp::{CaChain, Generation, SigningCa, SnpEndorsements};
use adyton_types::UnixTime;

use super::error::VetError;
use super::vetted::Vetted;
use crate::EndorsementNeeded;
use crate::material::Trust;
use crate::material::amd::ark;
use crate::material::choice::best;
use crate::material::intel_chains::to_pem;
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
    trust: &Trust,
    now: UnixTime,
) -> Option<Authority<'a>> {
    let vlek = needed.url().is_some_and(|url| url.contains("/vlek/"));
    let name = match vlek {
        true => format!("SEV-VLEK-{generation}"),
        false => format!("SEV-{generation}"),
    };
    let ark = ark(parts, generation, trust, now)?;
    let ca = best(parts.named(&name), Certificate::not_before, |ca| {
        let chain = Authority { ark, ca };
        SigningCa::danger_without_revocation_list(&trust.amd, &chain.chain(), now).is_ok()
    })?;
    Some(Authority { ark, ca })
}

/// A chain by itself: whether one of it is revoked is asked where it is used.
pub(super) fn chain(
    authority: &Authority<'_>,
    trust: &Trust,
    now: UnixTime,
) -> Result<Vetted, VetError> {
    let chain = authority.chain();
    let ca = SigningCa::danger_without_revocation_list(&trust.amd, &chain, now)?;
    let answer = to_pem(&[authority.ca, authority.ark]);
    Ok(Vetted::alone(ca.not_after(), answer))
}

/// A list by itself. One in which the authority itself stands is as genuine as any other, and the one
/// that must not be lost.
pub(super) fn crl(
    crl: &Crl,
    authority: &Authority<'_>,
    trust: &Trust,
    now: UnixTime,
) -> Result<Vetted, VetError> {
    let until = SigningCa::revocation_list(&trust.amd, &authority.chain(), crl.der(), now)?;
    Ok(Vetted::alone(until, crl.der().to_vec()))
}

/// The certificate of a chip, under an authority that is not known to be revoked.
pub(super) fn vcek(
    leaf: &Certificate,
    authority: &Authority<'_>,
    crl: Option<&Crl>,
    trust: &Trust,
    now: UnixTime,
) -> Result<SnpEndorsements, VetError> {
    let chain = authority.chain();
    let ca = match crl {
        Some(crl) => SigningCa::verify(&trust.amd, &chain, crl.der(), now)?,
        None => SigningCa::danger_without_revocation_list(&trust.amd, &chain, now)?,
    };
    Ok(SnpEndorsements::verify(&ca, leaf.der(), now)?)
}
