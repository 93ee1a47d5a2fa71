use std::collections::{BTreeMap, BTreeSet};

use adyton_crypto::{sha256, sha384};
use adyton_tee_aws_nitro::{Device, NitroClaims};
use adyton_types::{PlatformId, PlatformMeasurement, TeeKind, UnixTime};

use crate::attribute::Attributes;
use crate::{AuthenticEvidence, Claims, Endorsements, VerifyError};

pub(crate) fn authenticate(
    bytes: &[u8],
    endorsements: &Endorsements,
    now: UnixTime,
) -> Result<AuthenticEvidence, VerifyError> {
    let (roots, max_age_secs) = endorsements.nitro();
    let verified = adyton_tee_aws_nitro::verify(bytes, roots, max_age_secs, now)?;
    let checks = verified.checks().to_vec();
    let nitro = verified.into_claims();
    Ok(AuthenticEvidence {
        report_data: nitro.user_data.clone().unwrap_or_default(),
        claims: one_form(&nitro)?,
        checks,
    })
}

fn one_form(nitro: &NitroClaims) -> Result<Claims, VerifyError> {
    let concerns = if nitro.debug { &["debug"][..] } else { &[] };
    Ok(Claims {
        kind: TeeKind::Nitro,
        generation: nitro.device.as_str().to_owned(),
        measurement: PlatformMeasurement::new(&measurement(nitro))?,
        platform_id: PlatformId::new(&instance(nitro))?,
        tcb: BTreeMap::new(),
        standing: None,
        protections: adyton_types::Protections::default(),
        debug: nitro.debug,
        concerns: concerns
            .iter()
            .map(ToString::to_string)
            .collect::<BTreeSet<_>>(),
        attributes: attributes(nitro).0,
        made_at: Some(UnixTime::from_secs(nitro.timestamp_ms / 1000)),
        valid_until: nitro.not_after,
    })
}

/// An enclave: SHA-384 over PCR 0, 1 and 2 (image, kernel, application). A NitroTPM: SHA-384 over
/// each PCR of the document, its index before it.
fn measurement(nitro: &NitroClaims) -> [u8; 48] {
    let mut bytes = Vec::new();
    match nitro.device {
        Device::Enclave => {
            for index in 0..3 {
                let value = nitro.pcrs.get(&index).copied();
                bytes.extend(value.unwrap_or([0; 48]));
            }
        }
        Device::NitroTpm => {
            for (index, value) in &nitro.pcrs {
                bytes.push(*index);
                bytes.extend(value);
            }
        }
    }
    sha384(&[&bytes])
}

/// The EC2 instance that the module is in: what is before `-enc` in the module's id; its SHA-256
/// digest, should it be longer than a platform id.
fn instance(nitro: &NitroClaims) -> Vec<u8> {
    let id = match nitro.module_id.split_once("-enc") {
        Some((instance, _)) if !instance.is_empty() => instance,
        _ => &nitro.module_id,
    };
    match id.len() {
        1..=64 => id.as_bytes().to_vec(),
        _ => sha256(&[id.as_bytes()]).to_vec(),
    }
}

fn attributes(nitro: &NitroClaims) -> Attributes {
    let mut all = Attributes::default();
    all.text("module-id", &nitro.module_id);
    all.number("age-secs", nitro.age_secs);
    for (index, value) in &nitro.pcrs {
        all.bytes(&format!("pcr{index}"), value);
    }
    all.maybe_bytes("public-key", nitro.public_key.as_deref());
    all.maybe_bytes("nonce", nitro.nonce.as_deref());
    all
}
