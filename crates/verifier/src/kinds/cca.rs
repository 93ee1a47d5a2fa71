use std::collections::BTreeMap;

use adyton_crypto::{sha256, sha384, sha512};
use adyton_tee_arm_cca::{CcaClaims, CcaToken};
use adyton_types::{PlatformId, PlatformMeasurement, TeeKind, UnixTime};

use crate::attribute::Attributes;
use crate::{AuthenticEvidence, Claims, EndorsementNeeded, Endorsements, VerifyError};

pub(crate) fn authenticate(
    bytes: &[u8],
    endorsements: &Endorsements,
    now: UnixTime,
) -> Result<AuthenticEvidence, VerifyError> {
    let Some(known) = endorsements.cca() else {
        let token = CcaToken::parse(bytes)?;
        return Err(endorsements.missing(TeeKind::Cca, needs(&token)));
    };
    let verified = adyton_tee_arm_cca::verify(bytes, known, now)?;
    let checks = verified.checks().to_vec();
    let cca = verified.into_claims();
    Ok(AuthenticEvidence {
        report_data: cca.report_data.as_bytes().to_vec(),
        claims: one_form(&cca, known.not_after())?,
        checks,
    })
}

/// What a token needs: its machine's key, and the Reference Values of its implementation.
pub(crate) fn needs(token: &CcaToken<'_>) -> Vec<EndorsementNeeded> {
    let implementation = token.platform.implementation.to_string();
    vec![
        EndorsementNeeded::CcaKey {
            implementation: implementation.clone(),
            instance: token.platform.instance.to_string(),
        },
        EndorsementNeeded::CcaReference { implementation },
    ]
}

fn one_form(cca: &CcaClaims, valid_until: UnixTime) -> Result<Claims, VerifyError> {
    let mut registers: Vec<&[u8]> = vec![&cca.initial_measurement];
    registers.extend(cca.extensible_measurements.iter().map(Vec::as_slice));
    // The hash that the realm measures with, told by its length.
    let measurement = match cca.initial_measurement.len() {
        48 => sha384(&registers).to_vec(),
        64 => sha512(&registers).to_vec(),
        _ => sha256(&registers).to_vec(),
    };
    Ok(Claims {
        kind: TeeKind::Cca,
        generation: "CCA".to_owned(),
        measurement: PlatformMeasurement::new(&measurement)?,
        platform_id: PlatformId::new(&cca.instance.0)?,
        tcb: BTreeMap::new(),
        standing: None,
        protections: adyton_types::Protections::default(),
        debug: false,
        concerns: std::collections::BTreeSet::new(),
        attributes: attributes(cca).0,
        made_at: None,
        valid_until,
    })
}

fn attributes(cca: &CcaClaims) -> Attributes {
    let mut all = Attributes::default();
    all.bytes("rim", &cca.initial_measurement);
    for (number, rem) in cca.extensible_measurements.iter().enumerate() {
        all.bytes(&format!("rem{number}"), rem);
    }
    all.bytes("personalization", &cca.personalization);
    all.bytes("implementation-id", &cca.implementation.0);
    all.bytes("platform-config", &cca.config);
    all.number("lifecycle", cca.lifecycle);
    for (number, component) in cca.components.iter().enumerate() {
        let kind = component.kind.clone().unwrap_or_default();
        let name = format!("component{number}");
        all.text(&format!("{name}.type"), &kind);
        all.bytes(&format!("{name}.measurement"), &component.measurement);
        all.bytes(&format!("{name}.signer"), &component.signer);
        if let Some(version) = &component.version {
            all.text(&format!("{name}.version"), version);
        }
    }
    all
}
