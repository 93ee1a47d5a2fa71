use std::cell::LazyCell;

use adyton_pki::{Certificate, Crl};
use adyton_tee_amd_snp::{CaChain, Generation, SigningCa, SnpEndorsements, SnpError};
use adyton_types::{TeeKind, UnixTime};

use super::choice::best;
use super::parts::Parts;
use super::trust::Trust;
use crate::{EndorsementNeeded, Endorsements, Scope, VerifyError};

/// Names of V*EK certificates.
const VEKS: [&str; 2] = ["SEV-VCEK", "SEV-VLEK"];

/// Every authority of AMD's, with each certificate of a chip or cloud under it.
pub(super) fn endorse(
    material: &Parts,
    trust: &Trust,
    now: UnixTime,
    endorsements: &mut Endorsements,
) {
    for certificate in &material.certificates {
        let Some((generation, kind)) = authority(certificate) else {
            continue;
        };
        let scope = Scope::Amd(generation);
        let ca = match verified(material, trust, now, certificate, (generation, kind)) {
            Ok(ca) => ca,
            Err(error) => {
                endorsements.add_refused(scope, error);
                continue;
            }
        };
        let veks = VEKS.iter().flat_map(|name| material.named(name));
        for vek in veks.filter(|vek| vek.issuer() == certificate.subject()) {
            match SnpEndorsements::verify(&ca, vek.der(), now) {
                Ok(known) => endorsements.add_snp(known),
                Err(error) => endorsements.add_refused(scope, error.into()),
            }
        }
        endorsements.add_amd(ca);
    }
}

/// The generation of an ASK or ASVK, and what its KDS addresses begin with.
fn authority(certificate: &Certificate) -> Option<(Generation, &'static str)> {
    let name = certificate.subject_common_name()?.strip_prefix("SEV-")?;
    let (product, kind) = match name.strip_prefix("VLEK-") {
        Some(product) => (product, "vlek"),
        None => (name, "vcek"),
    };
    let mut all = Generation::ALL.into_iter();
    let generation = all.find(|generation| generation.as_str() == product)?;
    Some((generation, kind))
}

fn verified(
    material: &Parts,
    trust: &Trust,
    now: UnixTime,
    ca: &Certificate,
    (generation, kind): (Generation, &str),
) -> Result<SigningCa, VerifyError> {
    let missing = |needed| VerifyError::Missing {
        kind: TeeKind::Snp,
        needed: vec![needed],
    };
    let root = format!("https://kdsintf.amd.com/{kind}/v1/{generation}");
    let ark = ark(material, generation, trust, now).ok_or_else(|| {
        missing(EndorsementNeeded::AmdChain {
            generation,
            url: format!("{root}/cert_chain"),
        })
    })?;
    let chain = CaChain {
        ark: ark.der(),
        ca: ca.der(),
    };
    let unlisted = || SigningCa::danger_without_revocation_list(&trust.amd, &chain, now);
    // Only for what the root has signed anybody looks through lists.
    let is_signed = LazyCell::new(|| unlisted().is_ok());
    let verified = |crl: &Crl| SigningCa::verify(&trust.amd, &chain, crl.der(), now);
    let issuer = format!("ARK-{generation}");
    let lists: Vec<&Crl> = material.crls_of(&issuer).collect();
    // Nobody takes back that a certificate is revoked: a list that does not say so yet, or is about
    // the other kind of authority, does not stand in for one that does.
    if lists.len() > 1 && *is_signed {
        let mut all = lists.into_iter().map(verified);
        if let Some(Err(revoked)) = all.find(|one| matches!(one, Err(SnpError::Revoked { .. }))) {
            return Err(revoked.into());
        }
    }
    let is_good = |crl: &Crl| *is_signed && verified(crl).is_ok();
    match material.crl_of(&issuer, now, is_good) {
        Some(crl) => Ok(verified(crl)?),
        None if trust.danger_amd_without_revocation_list => Ok(unlisted()?),
        None => Err(missing(EndorsementNeeded::AmdCrl {
            generation,
            url: format!("{root}/crl"),
        })),
    }
}

/// The root's certificate for a generation.
pub(super) fn ark<'a>(
    parts: &'a Parts,
    generation: Generation,
    trust: &Trust,
    now: UnixTime,
) -> Option<&'a Certificate> {
    let name = format!("ARK-{generation}");
    best(parts.named(&name), Certificate::not_before, |ark| {
        SigningCa::is_root(&trust.amd, ark.der(), now)
    })
}
