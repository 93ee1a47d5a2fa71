use adyton_crypto::{SecretArray, ct_eq};
use adyton_tee_software::{PlatformKey, SoftwareReport};
use adyton_types::{Evidence, Protections, ReportData, Sha256Digest, TeeKind};

use crate::{Attester, AttesterError};

/// The software TEE: a platform key that signs for the executable that holds it.
#[derive(Debug)]
pub struct SoftwareAttester {
    key: PlatformKey,
    executable: Sha256Digest,
    protections: Protections,
}

impl SoftwareAttester {
    /// Attests with `key` for the running `executable`
    /// ([`measure_running_executable`](crate::measure_running_executable)), around which
    /// `protections` hold: those, and only those, that were seen to hold.
    #[must_use]
    pub const fn new(key: PlatformKey, executable: Sha256Digest, protections: Protections) -> Self {
        Self {
            key,
            executable,
            protections,
        }
    }

    /// The platform key that attests.
    #[must_use]
    pub const fn key(&self) -> &PlatformKey {
        &self.key
    }
}

impl Attester for SoftwareAttester {
    fn kind(&self) -> TeeKind {
        TeeKind::Software
    }

    fn evidence(&self, report_data: &ReportData) -> Result<Evidence, AttesterError> {
        if ct_eq(report_data.as_bytes(), &[0; 64]) {
            return Err(AttesterError::EmptyReportData(*report_data));
        }
        let protections = self.protections.clone();
        let report = SoftwareReport::new(*report_data, self.executable, protections);
        Ok(Evidence {
            kind: TeeKind::Software,
            bytes: report.sign(&self.key),
        })
    }

    fn sealing_key(&self, label: &str) -> Result<SecretArray<32>, AttesterError> {
        Ok(self.key.sealing_key(&self.executable, label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adyton_crypto::os_rng;
    use adyton_tee_software::verify;
    use adyton_types::Protection;

    #[test]
    fn evidence_verifies_and_says_what_was_put_in() {
        let executable = Sha256Digest::new([3; 32]);
        let key = PlatformKey::generate(&mut os_rng());
        let protections = Protections::from([Protection::NoCore]);
        let attester = SoftwareAttester::new(key, executable, protections.clone());
        let data = ReportData::new([9; 64]);
        let evidence = attester.evidence(&data).unwrap();
        assert_eq!(evidence.kind, attester.kind());
        let claims = verify(&evidence.bytes).unwrap().into_claims();
        assert_eq!(claims.platform, attester.key().fingerprint());
        assert_eq!(claims.executable, executable);
        assert_eq!(claims.protections, protections);
        assert_eq!(claims.report_data, data);
        let empty = attester.evidence(&ReportData::new([0; 64]));
        assert!(matches!(empty, Err(AttesterError::EmptyReportData(_))));
        let sealing = |label| *attester.sealing_key(label).unwrap().expose();
        assert_ne!(sealing("a"), sealing("b"));
    }
}
