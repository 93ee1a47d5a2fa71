use adyton_codec::hex_decode;
use adyton_tee_intel_dcap::{IntelTee, SignedDocument};
use adyton_types::UnixTime;
use serde_json::Value;

/// A signed document of Intel's, with what it says of itself: enough to find the one that is
/// needed. Nothing of it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) signed: SignedDocument,
    pub(super) tee: IntelTee,
    /// For TCB info.
    pub(super) fmspc: [u8; 6],
    evaluation: u64,
    issued: UnixTime,
    next_update: UnixTime,
}

impl Document {
    pub(super) fn tcb_info(signed: SignedDocument) -> Option<Self> {
        let body: Value = serde_json::from_slice(&signed.body).ok()?;
        let fmspc = body.get("fmspc")?.as_str()?.to_ascii_lowercase();
        let fmspc = hex_decode(&fmspc).ok()?.try_into().ok()?;
        Self::new(signed, &body, fmspc)
    }

    pub(super) fn qe_identity(signed: SignedDocument) -> Option<Self> {
        let body: Value = serde_json::from_slice(&signed.body).ok()?;
        Self::new(signed, &body, [0; 6])
    }

    fn new(signed: SignedDocument, body: &Value, fmspc: [u8; 6]) -> Option<Self> {
        let tee = match body.get("id")?.as_str()? {
            "SGX" | "QE" => IntelTee::Sgx,
            "TDX" | "TD_QE" => IntelTee::Tdx,
            _ => return None,
        };
        let time = |name: &str| body.get(name)?.as_str()?.parse().ok();
        Some(Self {
            tee,
            fmspc,
            evaluation: body.get("tcbEvaluationDataNumber")?.as_u64()?,
            issued: time("issueDate")?,
            next_update: time("nextUpdate")?,
            signed,
        })
    }

    /// In date first, then the latest evaluation of what is known to be wrong, then the newest: of two
    /// evaluations, which Intel gives out beside each other, the older may have been issued later.
    pub(super) fn rank(&self, now: UnixTime) -> (bool, u64, UnixTime) {
        let in_date = self.issued <= now && now <= self.next_update;
        (in_date, self.evaluation, self.issued)
    }
}
