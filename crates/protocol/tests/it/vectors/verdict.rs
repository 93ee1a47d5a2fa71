//! What this implementation says to a vector.

use std::collections::BTreeSet;
use std::error::Error;

use adyton_appraisal::{Context, FailedClaim, Judging, PlatformPolicy, appraise};
use adyton_codec::hex_encode;
use adyton_crypto::SecretArray;
use adyton_protocol::{
    Binding, Card, Challenge, Denial, EpochTokens, Freshness, PendingRelease, Pins, ReleaseDraft,
    Request, RunKeys, verify_receipt,
};
use adyton_types::{
    ErrorClass, Evidence, Fingerprint, PlatformMeasurement, ProgramMeasurement, Protection,
    Protections, ReportData, Sha256Digest, TeeKind, UnixTime,
};
use adyton_verifier::{Endorsements, verify};

use super::file::Vector;
use crate::support::{Script, names};

type Outcome = Result<(), (ErrorClass, String)>;

/// Class and message; `ok` and nothing where the vector is accepted.
pub(super) fn verdict(kind: &str, vector: &Vector) -> (&'static str, String) {
    let outcome = match kind {
        "binding" => binding(vector),
        "evidence" => evidence(vector),
        "token" => token(vector),
        "request" => request(vector),
        "answer" => answer(vector),
        "denial" => denial(vector),
        _ => receipt(vector),
    };
    match outcome {
        Ok(()) => ("ok", String::new()),
        Err((class, message)) => (class.as_str(), message),
    }
}

/// The message with its causes, which name the check.
fn because(class: ErrorClass, error: &dyn Error) -> (ErrorClass, String) {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message = format!("{message}: {cause}");
        source = cause.source();
    }
    (class, message)
}

fn denied(failed: &[FailedClaim]) -> (ErrorClass, String) {
    let claims: Vec<&str> = failed.iter().map(|failed| failed.claim.as_str()).collect();
    (ErrorClass::Rejected, claims.join(", "))
}

fn now(vector: &Vector) -> UnixTime {
    UnixTime::from_secs(vector.text("now").parse().unwrap())
}

fn policy(vector: &Vector) -> PlatformPolicy {
    let measurement = PlatformMeasurement::new(&vector.bytes("measurement")).unwrap();
    let id = Fingerprint::new(vector.array("platform-id"));
    PlatformPolicy::software(
        BTreeSet::from([measurement]),
        BTreeSet::from([id.into()]),
        1,
        Protections::from(Protection::ALL),
    )
    .unwrap()
}

fn binding(vector: &Vector) -> Outcome {
    let bytes = vector.bytes("binding");
    let binding = Binding::parse(&bytes).map_err(|e| because(e.class(), &e))?;
    let expected = ReportData::new(vector.array("report-data"));
    assert_eq!(binding.report_data(), expected);
    assert_eq!(binding.encode(), bytes);
    Ok(())
}

fn software(vector: &Vector) -> Evidence {
    Evidence {
        kind: TeeKind::Software,
        bytes: vector.bytes("evidence"),
    }
}

fn evidence(vector: &Vector) -> Outcome {
    let expected = ReportData::new(vector.array("report-data"));
    let verified = verify(
        &software(vector),
        &Endorsements::new(),
        &expected,
        now(vector),
    );
    let verified = verified.map_err(|e| because(e.class(), &e))?;
    appraise(&verified, &[policy(vector)], &Context::at(now(vector)))
        .map_err(|failed| denied(&failed))?;
    Ok(())
}

fn tokens(vector: &Vector) -> EpochTokens {
    let broker = Fingerprint::new(vector.array("broker"));
    let key = vector.array("epoch-key");
    EpochTokens::new(broker, SecretArray::fill_with(|bytes| *bytes = key))
}

fn token(vector: &Vector) -> Outcome {
    let token = Freshness::new(&vector.bytes("token")).map_err(|e| because(e.class(), &e))?;
    let verified = tokens(vector).verify(&token, now(vector));
    verified.map_err(|e| because(e.class(), &e))
}

fn request(vector: &Vector) -> Outcome {
    let request = Request::parse(&vector.bytes("request")).map_err(|e| because(e.class(), &e))?;
    let authentic = request.authenticate(&tokens(vector), now(vector));
    authentic.map_err(|e| because(e.class(), &e))?;
    let expected = request.binding().report_data();
    let verified = verify(
        request.evidence(),
        &Endorsements::new(),
        &expected,
        now(vector),
    );
    let verified = verified.map_err(|e| because(e.class(), &e))?;
    appraise(&verified, &[policy(vector)], &Context::at(now(vector)))
        .map_err(|failed| denied(&failed))?;
    Ok(())
}

/// The enclave's state when it had sent the request.
fn pending(vector: &Vector) -> PendingRelease {
    let seeds = [vector.bytes("kem-seed"), vector.bytes("sig-seed")].concat();
    let keys = RunKeys::generate(&mut Script::new(seeds));
    let challenge = Challenge::parse(&vector.bytes("challenge")).unwrap();
    let broker = Fingerprint::new(vector.array("broker"));
    let program = ProgramMeasurement::new(vector.array("program"));
    let secrets: Vec<&str> = vector.text("secrets").split(' ').collect();
    let draft = ReleaseDraft::new(&keys, broker, challenge, program, names(&secrets)).unwrap();
    let pending = draft.finish(&software(vector));
    assert_eq!(hex_encode(pending.request()), vector.text("request"));
    pending
}

fn answer(vector: &Vector) -> Outcome {
    let opened = pending(vector).open(&vector.bytes("answer"));
    let released = opened.map_err(|e| because(e.class(), &e))?;
    let (secrets, _, _) = released.into_parts();
    let values = secrets
        .iter()
        .map(|secret| hex_encode(secret.value.expose()));
    assert_eq!(values.collect::<Vec<_>>().join(" "), vector.text("values"));
    Ok(())
}

fn denial(vector: &Vector) -> Outcome {
    let card = Card::parse(&vector.bytes("card")).unwrap();
    let request = Sha256Digest::new(vector.array("request-digest"));
    let verified = Denial::verify(&vector.bytes("denial"), &card, &request);
    let verified = verified.map_err(|e| because(e.class(), &e))?;
    let claims: Vec<&str> = verified
        .denied()
        .iter()
        .map(|d| d.failed.claim.as_str())
        .collect();
    assert_eq!(claims.join(", "), vector.text("claims"));
    Ok(())
}

fn receipt(vector: &Vector) -> Outcome {
    let pins = Pins {
        platforms: vec![policy(vector)],
        programs: [ProgramMeasurement::new(vector.array("program"))].into(),
        brokers: [Fingerprint::new(vector.array("broker"))].into(),
    };
    match verify_receipt(
        &vector.bytes("receipt"),
        &pins,
        &Judging::default(),
        now(vector),
    ) {
        Ok(_) => Ok(()),
        Err(adyton_protocol::ReceiptError::Failed { failed, .. }) => Err(denied(&failed)),
        Err(error) => Err(because(error.class(), &error)),
    }
}
