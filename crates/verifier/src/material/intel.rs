use adyton_codec::base64_encode;
use adyton_pki::{Certificate, Crl, parse_pem_chain};
use adyton_tee_intel_dcap::{IntelBundle, IntelEndorsements, IntelTee, PckPlatform};
use adyton_types::UnixTime;

use super::document::Document;
use super::parts::Parts;
use super::trust::Trust;
use crate::needed::INTEL;
use crate::{EndorsementNeeded, Endorsements, Scope, VerifyError};

pub(super) const ROOT: &str = "Intel SGX Root CA";
pub(super) const TCB_SIGNER: &str = "Intel SGX TCB Signing";
pub(super) const PCK: &str = "Intel SGX PCK Certificate";
/// The CAs that issue PCK certificates, with their names at the PCS.
pub(super) const PCK_CAS: [(&str, &str); 2] = [
    ("Intel SGX PCK Platform CA", "platform"),
    ("Intel SGX PCK Processor CA", "processor"),
];

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
    for chain in pck_chains(material, fmspc) {
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
    let tcb_infos = material.tcb_infos.iter();
    let tcb_info = tcb_infos
        .filter(|document| (document.tee, document.fmspc) == (tee, fmspc))
        .max_by_key(|document| document.rank(now));
    let identities = material.qe_identities.iter();
    let qe_identity = identities
        .filter(|document| document.tee == tee)
        .max_by_key(|document| document.rank(now));
    let path = tee.kind().as_str();
    let root = INTEL;
    let (Some(tcb_info), Some(qe_identity)) = (tcb_info, qe_identity) else {
        return Err(missing(EndorsementNeeded::IntelQeIdentity {
            tee,
            url: format!("{root}/{path}/certification/v4/qe/identity"),
        }));
    };
    let crl = |issuer: &str| material.crl_of(issuer, now).map(|crl| crl.der().to_vec());
    let root_crl = crl(ROOT).ok_or_else(|| {
        missing(EndorsementNeeded::IntelRootCrl {
            url: "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der".to_owned(),
        })
    })?;
    let pck_crl = crl(ca).ok_or_else(|| {
        missing(EndorsementNeeded::IntelPckCrl {
            ca: ca_name,
            url: format!("{root}/sgx/certification/v4/pckcrl?ca={ca_name}&encoding=der"),
        })
    })?;
    let mut bundle = IntelBundle {
        tcb_info: tcb_info.signed.clone(),
        tcb_info_chain: Vec::new(),
        qe_identity: qe_identity.signed.clone(),
        qe_identity_chain: Vec::new(),
        root_crl,
        pck_crl,
        pck_crl_chain: chain(material, ca, now),
        pck_chain: None,
    };
    // Intel has changed the signer's certificate over the years: the one whose key it was is found
    // by trying.
    let mut signers: Vec<&Certificate> = material.named(TCB_SIGNER).collect();
    signers.sort_by_key(|signer| std::cmp::Reverse(signer.not_before()));
    let mut first = None;
    for signer in &signers {
        bundle.tcb_info_chain = with_root(material, &[signer]);
        bundle.qe_identity_chain = bundle.tcb_info_chain.clone();
        let least = trust.intel_min_evaluation;
        match IntelEndorsements::verify(tee, &bundle, &trust.intel, least, now) {
            Ok(set) => return Ok((bundle, set)),
            Err(error) => first = first.or(Some(VerifyError::from(error))),
        }
    }
    Err(first.unwrap_or_else(|| {
        let fmspc_hex = adyton_codec::hex_encode(&fmspc);
        missing(EndorsementNeeded::IntelTcbInfo {
            tee,
            fmspc,
            url: format!("{root}/{path}/certification/v4/tcb?fmspc={fmspc_hex}"),
        })
    }))
}

/// The chain of a CA: its certificate in date, or else the newest, and the root's.
fn chain(material: &Parts, name: &str, now: UnixTime) -> Vec<u8> {
    let newest = material.named(name).max_by_key(|certificate| {
        let (from, to) = (certificate.not_before(), certificate.not_after());
        (from <= now && now <= to, from)
    });
    with_root(material, &newest.into_iter().collect::<Vec<_>>())
}

/// The most platforms of one FMSPC whose certificates are tried: a rack of machines.
const MAX_PLATFORMS: usize = 64;

/// The chains of the PCK certificates for platforms of that FMSPC, for quotes that carry none.
fn pck_chains(material: &Parts, fmspc: [u8; 6]) -> Vec<Vec<u8>> {
    let of_it = |leaf: &&Certificate| {
        PckPlatform::parse(leaf).is_ok_and(|platform| platform.fmspc == fmspc)
    };
    let chain = |leaf: &Certificate| {
        let issuer = material.named(leaf.issuer_common_name()?).next()?;
        Some(with_root(material, &[leaf, issuer]))
    };
    let leaves = material.named(PCK).filter(of_it);
    leaves.filter_map(chain).take(MAX_PLATFORMS).collect()
}

fn with_root(material: &Parts, certificates: &[&Certificate]) -> Vec<u8> {
    let root = material.named(ROOT).next();
    let all: Vec<&Certificate> = certificates.iter().copied().chain(root).collect();
    to_pem(&all)
}

/// Certificates in PEM.
pub(super) fn to_pem(certificates: &[&Certificate]) -> Vec<u8> {
    let mut text = String::new();
    for certificate in certificates {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let base64 = base64_encode(certificate.der());
        for line in base64.as_bytes().chunks(64) {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text.into_bytes()
}
