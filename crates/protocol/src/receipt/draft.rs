use adyton_codec::Value;
use adyton_crypto::{sha256, sign_labelled};
use adyton_types::{Evidence, ReportData, Sha256Digest};

use super::ReceiptPayload;
use super::payload::LABEL;
use crate::{Binding, Freshness, Role, RunKeys, WireError, receipt_relying_party, wire};

/// A receipt that still lacks its Evidence.
#[derive(Debug)]
pub struct ReceiptDraft {
    sign1: Vec<u8>,
    binding: Binding,
}

impl ReceiptDraft {
    /// Signs what happened with the run's key.
    ///
    /// # Errors
    /// [`WireError`] if the payload is beyond the format's limits.
    pub fn new(keys: &RunKeys, payload: &ReceiptPayload) -> Result<Self, WireError> {
        let bytes = payload.encode();
        ReceiptPayload::parse(&bytes)?;
        let binding = Binding {
            role: Role::Receipt,
            relying_party: receipt_relying_party(),
            fresh: Freshness::new(&payload.run)?,
            kem: keys.kem().public().clone(),
            signing: keys.signing().verifying_key(),
            channel: None,
            program: payload.program(),
            ops: Sha256Digest::new(sha256(&[&bytes])),
        };
        Ok(Self {
            sign1: sign_labelled(LABEL, keys.signing(), &bytes),
            binding,
        })
    }

    /// What the TEE must vouch for.
    #[must_use]
    pub fn report_data(&self) -> ReportData {
        self.binding.report_data()
    }

    /// The receipt's bytes, with Evidence over [`report_data`](Self::report_data).
    #[must_use]
    pub fn finish(&self, evidence: &Evidence) -> Vec<u8> {
        Value::map([
            ("v", Value::text(LABEL)),
            ("sign1", Value::bytes(&self.sign1)),
            ("binding", self.binding.to_value()),
            ("evidence", wire::evidence_value(evidence)),
        ])
        .encode()
    }
}
