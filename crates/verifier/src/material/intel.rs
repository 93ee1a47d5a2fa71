use adyton_pki::{Certificate, Crl, parse_pem_chain};
use adyton_tee_intel_dcap::{IntelBundle, IntelEndorsements, IntelTee, PckPlatform, part};
use adyton_types::UnixTime;

use super::choice::best;
use super::document::Document;
use super::intel_chains::{Chains, PCK, PCK_CAS, ROOT, TCB_SIGNER, to_pem};
use super::parts::Parts;
use super::trust::Trust;
use crate::{EndorsementNeeded, Endorsements, Scope, VerifyError};

/// Takes a bundle apart: what belongs together is found anew, with newer parts where there are.
pub(super) fn add_bundle(material: &mut Parts, bundle: &IntelBundle) {
    material
        .tcb_infos
        .extend(Document::tcb_info(bundle.tcb_info.clone()));
    material
        .qe_identities
        .extend(Document::qe_identity(bundle.qe_identity.clone()));
    let chains = [
        Some(&bundle.tcb_info_chain),
        Some(&bundle.qe_identity_chain),
        Some(&bundle.pck_crl_chain),
        bundle.pck_chain.as_ref(),
    ];
    for chain in chains.into_iter().flatten() {
        for certificate in parse_pem_chain(chain).unwrap_or_default() {
            material.add_certificate(certificate);
        }
    }
    for der in [&bundle.root_crl, &bundle.pck_crl] {
        if let Ok(crl) = Crl::parse(der) {
            material.add_crl(crl);
        }
    }
}

/// One set for each TEE, FMSPC and PCK CA that there is TCB info and a revocation list for; and, for
/// quotes without their certificate, for each platform of that FMSPC whose certificate there is.
pub(super) fn endorse(
    material: &Parts,
    trust: &Trust,
    now: UnixTime,
    endorsements: &mut Endorsements,
) {
    let mut platforms: Vec<(IntelTee, [u8; 6])> = Vec::new();
    for document in &material.tcb_infos {
        let platform = (document.tee, document.fmspc);
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    for (tee, fmspc) in platforms {
        let mut refused = None;
        let mut held = false;
        for (ca, name) in PCK_CAS {
            match all_of_ca(material, trust, now, (tee, fmspc), (ca, name)) {
                Ok(sets) => {
                    sets.into_iter().for_each(|set| endorsements.add_intel(set));
                    held = true;
                }
                // That the other CA's list is not there is no fault.
                Err(VerifyError::Missing { .. }) if held || refused.is_some() => {}
                Err(error) => refused = Some(error),
            }
        }
        if let Some(error) = refused.filter(|_| !held) {
            endorsements.add_refused(Scope::Intel(tee, fmspc), error);
        }
    }
}

/// A set by itself, or one for each platform whose certificate there is.
fn all_of_ca(
    material: &Parts,
    trust: &Trust,
    now: UnixTime,
    (tee, fmspc): (IntelTee, [u8; 6]),
    ca: (&str, &'static str),
) -> Result<Vec<IntelEndorsements>, VerifyError> {
    let (mut bundle, set) = one(material, trust, now, (tee, fmspc), ca)?;
    let mut of_platforms = Vec::new();
    for chain in pck_chains(material, trust, now, fmspc) {
        bundle.pck_chain = Some(chain);
        let least = trust.intel_min_evaluation;
        let set = IntelEndorsements::verify(tee, &bundle, &trust.intel, least, now);
        of_platforms.extend(set.ok());
    }
    Ok(if of_platforms.is_empty() {
        vec![set]
    } else {
        of_platforms
    })
}

fn one(
    material: &Parts,
    trust: &Trust,
    now: UnixTime,
    (tee, fmspc): (IntelTee, [u8; 6]),
    (ca, ca_name): (&str, &'static str),
) -> Result<(IntelBundle, IntelEndorsements), VerifyError> {
    let missing = |needed| VerifyError::Missing {
        kind: tee.kind(),
        needed: vec![needed],
    };
    let signers = Chains::of(&[material], TCB_SIGNER, trust, now);
    let cas = Chains::of(&[material], ca, trust, now);
    let roots = &trust.intel;
    let of_tcb_info = |one: &Document| {
        let signed = one.signed.clone();
        move |chain: &[u8]| part::verify_tcb_info(tee, &signed, chain, roots, now)
    };
    let of_identity = |one: &Document| {
        let signed = one.signed.clone();
        move |chain: &[u8]| part::verify_qe_identity(tee, &signed, chain, roots, now)
    };
    let infos = material.tcb_infos.iter();
    let tcb_info = best(
        infos.filter(|one| (one.tee, one.fmspc) == (tee, fmspc)),
        |one| one.rank(now),
        |one| signers.find(of_tcb_info(one)).is_ok(),
    );
    let identities = material.qe_identities.iter();
    let identity = best(
        identities.filter(|one| one.tee == tee),
        |one| one.rank(now),
        |one| signers.find(of_identity(one)).is_ok(),
    );
    let (Some(tcb_info), Some(identity)) = (tcb_info, identity) else {
        return Err(missing(EndorsementNeeded::qe_identity(tee)));
    };
    let root_crl = material.crl_of(ROOT, now, |crl| {
        let verify = |chain: &[u8]| part::verify_root_crl(crl.der(), chain, roots, now);
        signers.find(verify).is_ok()
    });
    let root_crl = root_crl.ok_or_else(|| missing(EndorsementNeeded::root_crl()))?;
    let of_list = |crl: &Crl| {
        let der = crl.der().to_vec();
        move |chain: &[u8]| part::verify_pck_crl(&der, chain, roots, now)
    };
    let pck_crl = material.crl_of(ca, now, |crl| cas.find(of_list(crl)).is_ok());
    let pck_crl = pck_crl.ok_or_else(|| missing(EndorsementNeeded::pck_crl(ca_name)))?;
    if signers.first().is_none() {
        return Err(missing(EndorsementNeeded::tcb_info(tee, fmspc)));
    }
    let bundle = IntelBundle {
        tcb_info: tcb_info.signed.clone(),
        tcb_info_chain: signers.above(of_tcb_info(tcb_info)),
        qe_identity: identity.signed.clone(),
        qe_identity_chain: signers.above(of_identity(identity)),
        root_crl: root_crl.der().to_vec(),
        pck_crl: pck_crl.der().to_vec(),
        pck_crl_chain: cas.above(of_list(pck_crl)),
        pck_chain: None,
    };
    let least = trust.intel_min_evaluation;
    let set = IntelEndorsements::verify(tee, &bundle, roots, least, now)?;
    Ok((bundle, set))
}

/// The most platforms of one FMSPC whose certificates are tried: a rack of machines.
const MAX_PLATFORMS: usize = 64;

/// The chains of the PCK certificates for platforms of that FMSPC, for quotes that carry none.
fn pck_chains(material: &Parts, trust: &Trust, now: UnixTime, fmspc: [u8; 6]) -> Vec<Vec<u8>> {
    let of_it = |leaf: &&Certificate| {
        PckPlatform::parse(leaf).is_ok_and(|platform| platform.fmspc == fmspc)
    };
    let cas = PCK_CAS.map(|(name, _)| (name, Chains::of(&[material], name, trust, now)));
    let chain = |leaf: &Certificate| {
        let issuer = leaf.issuer_common_name()?;
        let (_, above) = cas.iter().find(|(name, _)| *name == issuer)?;
        Some([to_pem(&[leaf]).as_slice(), above.first()?].concat())
    };
    let leaves = material.named(PCK).filter(of_it);
    leaves.filter_map(chain).take(MAX_PLATFORMS).collect()
}
