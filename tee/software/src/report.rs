use adyton_codec::Value;
use adyton_crypto::sign_labelled;
use adyton_types::{Protection, Protections, ReportData, Sha256Digest};

use crate::{PlatformKey, SoftwareEvidenceError};

/// Label of the signature, and version mark of the payload.
pub(crate) const LABEL: &str = "adyton/software-evidence/v1";

/// Security version of this software TEE; a release document may demand a later one.
pub const SOFTWARE_SVN: u64 = 1;

/// What the software TEE states about a process. Having one tells you nothing: anybody can write
/// one down. A [`VerifiedReport`](crate::VerifiedReport) is one that a platform key signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftwareReport {
    /// What the process asked to have signed.
    pub report_data: ReportData,
    /// SHA-256 of the running executable file.
    pub executable: Sha256Digest,
    /// Security version of the software TEE.
    pub svn: u64,
    /// Which protections held.
    pub protections: Protections,
}

impl SoftwareReport {
    /// The report of this version of the software TEE.
    #[must_use]
    pub const fn new(
        report_data: ReportData,
        executable: Sha256Digest,
        protections: Protections,
    ) -> Self {
        Self {
            report_data,
            executable,
            svn: SOFTWARE_SVN,
            protections,
        }
    }

    /// Evidence: the report signed by a platform key.
    #[must_use]
    pub fn sign(&self, key: &PlatformKey) -> Vec<u8> {
        let sign1 = sign_labelled(LABEL, key.signing_key(), &self.encode());
        let public = key.signing_key().verifying_key().to_bytes();
        Value::map([
            ("key", Value::bytes(&public)),
            ("sign1", Value::bytes(&sign1)),
        ])
        .encode()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let protections = self.protections.iter().map(|p| Value::text(p.as_str()));
        Value::map([
            ("v", Value::text(LABEL)),
            ("report-data", Value::bytes(self.report_data.as_bytes())),
            ("executable", Value::bytes(self.executable.as_bytes())),
            ("svn", Value::Uint(self.svn)),
            ("protections", Value::Array(protections.collect())),
        ])
        .encode()
    }

    pub(crate) fn parse(payload: &[u8]) -> Result<Self, SoftwareEvidenceError> {
        let mut fields = Value::decode(payload)?.into_fields("payload")?;
        fields.version("v", LABEL)?;
        let report = Self {
            report_data: ReportData::new(fields.array("report-data")?),
            executable: Sha256Digest::new(fields.array("executable")?),
            svn: fields.uint("svn")?,
            protections: parse_protections(fields.items("protections")?)?,
        };
        fields.finish()?;
        Ok(report)
    }
}

fn parse_protections(items: Vec<Value<'_>>) -> Result<Protections, SoftwareEvidenceError> {
    let mut protections = Protections::new();
    for item in items {
        let protection: Protection = item.into_text("protections")?.parse()?;
        if protections.last().is_some_and(|last| *last >= protection) {
            return Err(SoftwareEvidenceError::ProtectionOrder);
        }
        protections.insert(protection);
    }
    Ok(protections)
}
