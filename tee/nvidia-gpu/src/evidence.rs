use adyton_codec::{base64_decode, hex_array};
use serde::Deserialize;

use crate::{Architecture, NvidiaError};

/// The most that the Evidence of one machine may measure: 8 GPUs and 4 switches take 150 KiB.
pub const MAX_EVIDENCE_BYTES: usize = 1 << 20;
/// Most devices of one machine.
pub const MAX_DEVICES: usize = 32;

/// One device's part of the Evidence, decoded from its text form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceEvidence {
    /// The architecture that the sender claims.
    pub architecture: Architecture,
    /// The nonce that the sender claims.
    pub nonce: [u8; 32],
    /// The report.
    pub report: Vec<u8>,
    /// The certificate chain in PEM, leaf first.
    pub chain: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    arch: String,
    certificate: String,
    evidence: String,
    nonce: String,
}

impl DeviceEvidence {
    /// Reads the list of devices, in the form in which NVIDIA's attestation SDK serialises
    /// Evidence: a JSON array of objects with `arch`, `certificate` (base64 of PEM), `evidence`
    /// (base64) and `nonce` (hex).
    ///
    /// # Errors
    /// [`NvidiaError`] of the check `evidence-form`.
    pub fn parse_list(bytes: &[u8]) -> Result<Vec<Self>, NvidiaError> {
        let bad = |what| NvidiaError::Evidence { what };
        if bytes.len() > MAX_EVIDENCE_BYTES {
            return Err(NvidiaError::TooLong {
                found: bytes.len(),
                max: MAX_EVIDENCE_BYTES,
            });
        }
        let entries: Vec<Entry> =
            serde_json::from_slice(bytes).map_err(|_| bad("it is no JSON list of devices"))?;
        if entries.is_empty() || entries.len() > MAX_DEVICES {
            return Err(bad("it has no device, or more than 32"));
        }
        entries
            .into_iter()
            .map(|entry| {
                let base64 = |text: &str| base64_decode(text).map_err(|_| bad("no base64"));
                Ok(Self {
                    architecture: Architecture::parse(&entry.arch)
                        .ok_or(bad("an unknown architecture"))?,
                    nonce: hex_array(&entry.nonce).map_err(|_| bad("a nonce is not 32 bytes"))?,
                    report: base64(&entry.evidence)?,
                    chain: base64(&entry.certificate)?,
                })
            })
            .collect()
    }
}
