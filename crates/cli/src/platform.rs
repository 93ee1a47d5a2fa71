use std::collections::BTreeSet;

use adyton_appraisal::PlatformPolicy;
use adyton_tee_software::Protection;
use adyton_types::{Fingerprint, PlatformId, PlatformMeasurement, Sha256Digest};

use crate::Failure;
use crate::failure::failure_from;

/// Which platform is trusted, where that is a software TEE.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct PlatformArgs {
    /// Fingerprint of a trusted platform key; may be repeated
    #[arg(long = "platform-id", value_name = "FINGERPRINT", required = true)]
    ids: Vec<Fingerprint>,
    /// SHA-256 of a trusted adyton executable; may be repeated
    #[arg(long = "platform-measurement", value_name = "SHA256", required = true)]
    measurements: Vec<Sha256Digest>,
    /// A protection that need not have held; may be repeated
    #[arg(long = "danger-without", value_name = "PROTECTION")]
    without: Vec<Protection>,
}

failure_from!(adyton_appraisal::PolicyError);

impl PlatformArgs {
    pub(crate) fn policy(&self) -> Result<PlatformPolicy, Failure> {
        let id = |id: &Fingerprint| {
            PlatformId::new(id.as_bytes()).expect("a fingerprint is a platform id")
        };
        let measurement = |m: &Sha256Digest| {
            PlatformMeasurement::new(m.as_bytes())
                .expect("a SHA-256 digest is a platform measurement")
        };
        let require: BTreeSet<_> = Protection::ALL
            .into_iter()
            .filter(|protection| !self.without.contains(protection))
            .collect();
        let measurements = self.measurements.iter().map(measurement).collect();
        Ok(PlatformPolicy::software(
            measurements,
            self.ids.iter().map(id).collect(),
            1,
            require,
        )?)
    }
}
