use std::collections::BTreeSet;

use adyton_appraisal::{Appraised, Context, FailedClaim, Judging, PlatformPolicy, appraise};
use adyton_codec::Value;
use adyton_crypto::{danger_unverified_payload, sha256, verify_labelled};
use adyton_types::{ErrorClass, Evidence, Fingerprint, ProgramMeasurement, Sha256Digest, UnixTime};
use adyton_verifier::{Claims, verify};

use super::payload::LABEL;
use super::{ReceiptError, ReceiptPayload, releases};
use crate::limits::MAX_RECEIPT_BYTES;
use crate::{Binding, Role, WireError, receipt_relying_party, wire};

/// What the verifier of a receipt trusts. Nothing is trusted by default.
#[derive(Debug, Clone)]
pub struct Pins {
    /// Platforms, one of which must be satisfied in full, and all of which say what runs there.
    pub platforms: Vec<PlatformPolicy>,
    /// Programs, one of which must have run.
    pub programs: BTreeSet<ProgramMeasurement>,
    /// Ids of the brokers that may have released secrets.
    pub brokers: BTreeSet<Fingerprint>,
}

/// A receipt that holds. Having one tells you that an enclave on a pinned platform ran a pinned
/// program to its end on exactly these sealed inputs, opened by secrets that pinned brokers
/// released to it, and wrote exactly these sealed outputs.
#[derive(Debug)]
pub struct VerifiedReceipt {
    payload: ReceiptPayload,
    platform: Appraised,
}

impl VerifiedReceipt {
    /// What the receipt states. Its `host_time` is the host's word and proves nothing.
    #[must_use]
    pub const fn payload(&self) -> &ReceiptPayload {
        &self.payload
    }

    /// The platform that vouches for it.
    #[must_use]
    pub const fn platform(&self) -> &Claims {
        self.platform.claims()
    }
}

struct Envelope {
    sign1: Vec<u8>,
    binding: Binding,
    evidence: Evidence,
}

impl Envelope {
    fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        wire::length("receipt", bytes.len(), MAX_RECEIPT_BYTES)?;
        let mut fields = Value::decode(bytes)?.into_fields("receipt")?;
        fields.version("v", LABEL)?;
        let envelope = Self {
            sign1: wire::bytes(&mut fields, "sign1", MAX_RECEIPT_BYTES)?,
            binding: Binding::from_value(fields.required("binding")?)?,
            evidence: wire::evidence(&mut fields)?,
        };
        fields.finish()?;
        Ok(envelope)
    }
}

/// Verifies a receipt against pins, with the verifier's own clock at `now`, and Evidence of hardware
/// by what is in `judging`; that of the software TEE needs nothing.
///
/// # Errors
/// [`ReceiptError::Pins`] if a pinned platform can be anybody's. [`ReceiptError::Failed`] names
/// every check that fails; where the signature does, what was signed is not looked at.
pub fn verify_receipt(
    bytes: &[u8],
    pins: &Pins,
    judging: &Judging,
    now: UnixTime,
) -> Result<VerifiedReceipt, ReceiptError> {
    for platform in &pins.platforms {
        platform.require_dependable()?;
    }
    let envelope = Envelope::parse(bytes)?;
    let binding = &envelope.binding;
    let (platform, (mut failed, class)) = match appraised(&envelope, pins, judging, now) {
        Ok(platform) => (Some(platform), (Vec::new(), ErrorClass::Rejected)),
        Err(failed) => (None, failed),
    };
    let of_evidence = failed.len();
    failed.extend(constants(binding));
    let signed = verify_labelled(LABEL, &binding.signing, &envelope.sign1);
    let bytes = match signed {
        Ok(bytes) => bytes,
        Err(why) => {
            let found = format!("that {why}");
            failed.push(FailedClaim::new(
                "signature",
                "one by the binding's key",
                found,
            ));
            let class = ErrorClass::Rejected;
            return Err(ReceiptError::Failed { failed, class });
        }
    };
    let payload = ReceiptPayload::parse(&bytes)?;
    failed.extend(bound(binding, &bytes, &payload));
    failed.extend(program(&payload, pins));
    failed.extend(releases::files(&payload)?);
    failed.extend(releases::releases(
        &payload.releases,
        &payload.program(),
        &pins.brokers,
        platform.as_ref().map(Appraised::claims),
    ));
    match platform {
        Some(platform) if failed.is_empty() => Ok(VerifiedReceipt { payload, platform }),
        _ => {
            let only_evidence = failed.len() == of_evidence;
            let class = if only_evidence {
                class
            } else {
                ErrorClass::Rejected
            };
            Err(ReceiptError::Failed { failed, class })
        }
    }
}

impl ReceiptPayload {
    /// What a receipt states, with nothing verified: for showing it to a person.
    ///
    /// # Errors
    /// [`WireError`] if its form is wrong.
    pub fn danger_unverified(receipt: &[u8]) -> Result<Self, WireError> {
        let envelope = Envelope::parse(receipt)?;
        Self::parse(&danger_unverified_payload(&envelope.sign1)?)
    }
}

fn appraised(
    envelope: &Envelope,
    pins: &Pins,
    judging: &Judging,
    now: UnixTime,
) -> Result<Appraised, (Vec<FailedClaim>, ErrorClass)> {
    let expected = envelope.binding.report_data();
    let verified =
        verify(&envelope.evidence, &judging.endorsements, &expected, now).map_err(|why| {
            let class = why.class();
            let failed = FailedClaim::new("evidence", "authentic, for this receipt", why);
            (vec![failed], class)
        })?;
    let context = Context {
        now,
        references: &judging.references,
    };
    let appraised = appraise(&verified, &pins.platforms, &context);
    appraised.map_err(|failed| (failed, ErrorClass::Rejected))
}

/// What is the same in the binding of every receipt.
fn constants(binding: &Binding) -> Vec<FailedClaim> {
    let mut failed = Vec::new();
    if binding.role != Role::Receipt {
        let expected = Role::Receipt.as_str();
        failed.push(FailedClaim::new("role", expected, binding.role.as_str()));
    }
    let expected = receipt_relying_party();
    if binding.relying_party != expected {
        failed.push(FailedClaim::new("rp", expected, binding.relying_party));
    }
    if binding.channel.is_some() {
        failed.push(FailedClaim::new("channel", "none", "a TLS channel"));
    }
    failed
}

/// The binding is about this very payload.
fn bound(binding: &Binding, bytes: &[u8], payload: &ReceiptPayload) -> Vec<FailedClaim> {
    let mut failed = Vec::new();
    let ops = Sha256Digest::new(sha256(&[bytes]));
    if binding.ops != ops {
        failed.push(FailedClaim::new("ops", ops, binding.ops));
    }
    if binding.fresh.as_bytes() != payload.run {
        let expected = Sha256Digest::new(payload.run);
        failed.push(FailedClaim::new("run", expected, "another run"));
    }
    if binding.program != payload.program() {
        let expected = payload.program();
        failed.push(FailedClaim::new("manifest", binding.program, expected));
    }
    failed
}

fn program(payload: &ReceiptPayload, pins: &Pins) -> Vec<FailedClaim> {
    let mut failed = Vec::new();
    let program = payload.program();
    if !pins.programs.contains(&program) {
        failed.push(FailedClaim::new("program", "a pinned program", program));
    }
    if payload.exit != 0 {
        failed.push(FailedClaim::new("exit", 0, payload.exit));
    }
    failed
}
