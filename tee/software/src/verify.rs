use adyton_codec::Value;
use adyton_crypto::{VerifyingKey, verify_labelled};

use crate::report::LABEL;
use crate::{SoftwareClaims, SoftwareEvidenceError, SoftwareReport};

/// Evidence of the software TEE that verified. Having one tells you that the holder of the
/// platform key `claims().platform` stated these claims; whether that key is to be trusted, and
/// whom the report data binds, is not decided here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedReport {
    claims: SoftwareClaims,
}

impl VerifiedReport {
    /// What the Evidence says.
    #[must_use]
    pub const fn claims(&self) -> &SoftwareClaims {
        &self.claims
    }

    /// What the Evidence says, by value.
    #[must_use]
    pub fn into_claims(self) -> SoftwareClaims {
        self.claims
    }
}

/// Verifies Evidence of the software TEE: its form, and the signature by the key that it names.
///
/// # Errors
/// [`SoftwareEvidenceError`].
pub fn verify(evidence: &[u8]) -> Result<VerifiedReport, SoftwareEvidenceError> {
    let mut fields = Value::decode(evidence)?.into_fields("software Evidence")?;
    let key: [u8; 32] = fields.array("key")?;
    let sign1 = fields.bytes("sign1")?;
    fields.finish()?;
    let key = VerifyingKey::from_bytes(&key).map_err(|_| SoftwareEvidenceError::PlatformKey)?;
    let payload = verify_labelled(LABEL, &key, &sign1)?;
    let report = SoftwareReport::parse(&payload)?;
    Ok(VerifiedReport {
        claims: SoftwareClaims::new(key.fingerprint(), report),
    })
}
