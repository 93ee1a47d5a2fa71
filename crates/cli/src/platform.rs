use adyton_appraisal::PlatformPolicy;
use adyton_types::{
    Fingerprint, PlatformId, PlatformMeasurement, Protection, Sha256Digest, TeeKind,
};

use crate::Failure;
use crate::failure::failure_from;

/// Which platform is trusted, where that is a software TEE.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct PlatformArgs {
    /// Fingerprint of a trusted platform key; may be repeated
    #[arg(
        long = "platform-id",
        value_name = "FINGERPRINT",
        requires = "measurements"
    )]
    ids: Vec<Fingerprint>,
    /// SHA-256 of a trusted adyton executable; may be repeated
    #[arg(long = "platform-measurement", value_name = "SHA256", requires = "ids")]
    measurements: Vec<Sha256Digest>,
    /// A protection that need not have held; may be repeated
    #[arg(long = "danger-without", value_name = "PROTECTION")]
    without: Vec<Protection>,
}

failure_from!(adyton_appraisal::PolicyError);

impl PlatformArgs {
    /// The policy, which has to be said.
    pub(crate) fn required(&self) -> Result<PlatformPolicy, Failure> {
        let missing = || {
            Failure::usage(
                "say which platform is trusted: --platform-id FINGERPRINT and --platform-measurement SHA256",
            )
        };
        self.policy()?.ok_or_else(missing)
    }

    /// The policy; none where nothing of it was said.
    pub(crate) fn policy(&self) -> Result<Option<PlatformPolicy>, Failure> {
        if self.ids.is_empty() && self.measurements.is_empty() {
            return Ok(None);
        }
        let require = Protection::ALL
            .into_iter()
            .filter(|protection| !self.without.contains(protection));
        software_policy(
            self.measurements.iter().copied(),
            self.ids.iter().copied(),
            require,
        )
        .map(Some)
    }
}

/// What is wanted of a software TEE: one of these executables, one of these platform keys, all of
/// these protections.
pub(crate) fn software_policy(
    measurements: impl IntoIterator<Item = Sha256Digest>,
    ids: impl IntoIterator<Item = Fingerprint>,
    require: impl IntoIterator<Item = Protection>,
) -> Result<PlatformPolicy, Failure> {
    let id =
        |id: Fingerprint| PlatformId::new(id.as_bytes()).expect("a fingerprint is a platform id");
    let measurement = |m: Sha256Digest| {
        PlatformMeasurement::new(m.as_bytes()).expect("a SHA-256 digest is a platform measurement")
    };
    let measurements = measurements.into_iter().map(measurement).collect();
    let ids = ids.into_iter().map(id).collect();
    Ok(PlatformPolicy::software(
        measurements,
        ids,
        1,
        require.into_iter().collect(),
    )?)
}

/// What stands behind the Evidence of a kind of TEE.
pub(crate) fn root(kind: TeeKind) -> String {
    if kind == TeeKind::Software {
        "software TEE, no hardware root (who has its key can forge it)".to_owned()
    } else {
        format!("{kind} TEE")
    }
}
