use std::collections::BTreeMap;

use adyton_crypto::sha256;
use adyton_pki::Certificate;
use adyton_tee_tcg_tpm::{
    AkSource, Expected, PcrSelection, Quote, TpmClaims, TpmError, TpmEvidence,
};
use adyton_types::{PlatformId, PlatformMeasurement, TeeKind, UnixTime};

use crate::attribute::Attributes;
use crate::{AuthenticEvidence, Claims, EndorsementNeeded, Endorsements, VerifyError};

/// The vendor crate's check of the nonce. Here the quote's own is handed to it; that it is the
/// binding's is compared, and listed, by [`AuthenticEvidence::bind`].
pub(crate) const NONCE: &str = adyton_tee_tcg_tpm::checks::NONCE.name;

pub(crate) fn authenticate(
    bytes: &[u8],
    endorsements: &Endorsements,
    now: UnixTime,
) -> Result<AuthenticEvidence, VerifyError> {
    let evidence = TpmEvidence::parse(bytes)?;
    let Some(known) = endorsements.tpm() else {
        return Err(endorsements.missing(TeeKind::Tpm, needs(&evidence)));
    };
    let quote = Quote::parse(&evidence.quote).map_err(TpmError::Attest)?;
    if quote.extra_data.is_empty() {
        return Err(VerifyError::EmptyReportData);
    }
    // All PCRs whose values are there must be the ones quoted, no fewer and no more: which of them
    // a policy needs is the policy's to say, by the attribute of each.
    let expected = Expected {
        nonce: quote.extra_data,
        selection: PcrSelection::new(evidence.pcrs.bank(), evidence.pcrs.set()),
    };
    let verified = adyton_tee_tcg_tpm::verify(bytes, known, &expected, now)?;
    let mut checks = verified.checks().to_vec();
    checks.retain(|check| check.name != NONCE);
    let claims = verified.into_claims();
    Ok(AuthenticEvidence {
        report_data: claims.nonce.clone(),
        claims: one_form(&claims)?,
        checks,
    })
}

/// What Evidence of a TPM needs: trust in its key.
pub(crate) fn needs(evidence: &TpmEvidence) -> Vec<EndorsementNeeded> {
    let last = evidence
        .chain
        .last()
        .and_then(|der| Certificate::parse(der).ok());
    let issuer = last.and_then(|last| last.issuer_common_name().map(ToOwned::to_owned));
    vec![EndorsementNeeded::TpmTrust { issuer }]
}

fn one_form(tpm: &TpmClaims) -> Result<Claims, VerifyError> {
    let id = match &tpm.ak_source {
        AkSource::Enrolment { ek } => *ek,
        _ => tpm.ak,
    };
    Ok(Claims {
        kind: TeeKind::Tpm,
        generation: "TPM 2.0".to_owned(),
        measurement: PlatformMeasurement::new(&measurement(tpm))?,
        platform_id: PlatformId::from(id),
        tcb: BTreeMap::from([("firmware".to_owned(), tpm.firmware_version)]),
        standing: None,
        protections: adyton_types::Protections::default(),
        debug: false,
        concerns: tpm.concerns().iter().map(ToString::to_string).collect(),
        attributes: attributes(tpm).0,
        made_at: None,
        valid_until: tpm.ak_until,
    })
}

/// SHA-256 over the selection in words (`sha256:0,1,7`), a zero, and the values by ascending index.
/// The quote's own digest is over the values alone: registers that a guest can reset could be made
/// to look like others.
pub(crate) fn measurement(tpm: &TpmClaims) -> [u8; 32] {
    let selection = PcrSelection::new(tpm.pcrs.bank(), tpm.pcrs.set()).to_string();
    let mut parts: Vec<&[u8]> = vec![selection.as_bytes(), &[0]];
    parts.extend(tpm.pcrs.iter().map(|(_, value)| value));
    sha256(&parts)
}

pub(crate) fn attributes(tpm: &TpmClaims) -> Attributes {
    let mut all = Attributes::default();
    let bank = tpm.pcrs.bank();
    all.text("bank", bank.as_str());
    for (index, value) in tpm.pcrs.iter() {
        all.bytes(&format!("pcr{index}"), value);
    }
    all.bytes("pcr-digest", &tpm.pcr_digest);
    all.bytes("ak", tpm.ak.as_bytes());
    all.text("ak-source", &tpm.ak_source.to_string());
    if let Some(hierarchy) = tpm.hierarchy {
        all.text("hierarchy", hierarchy.as_str());
    }
    all.number("clock", tpm.clock);
    all.number("reset-count", tpm.reset_count);
    all.number("restart-count", tpm.restart_count);
    all.flag("clock-safe", tpm.clock_safe);
    all.flag("event-log", tpm.log.is_some());
    all
}
