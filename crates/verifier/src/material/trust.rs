use adyton_pki::TrustAnchor;
use adyton_tee_amd_snp::Roots as AmdRoots;
use adyton_tee_arm_cca::CcaEndorsements;
use adyton_tee_aws_nitro::Roots as NitroRoots;
use adyton_tee_intel_dcap::Roots as IntelRoots;
use adyton_tee_nvidia_gpu::NvidiaRoots;

use crate::NITRO_MAX_AGE_SECS;

/// What a Verifier trusts, where Endorsements end: roots pinned by key, and the caller's own limits.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Intel's root.
    pub intel: IntelRoots,
    /// The least `tcbEvaluationDataNumber` of Intel's documents.
    pub intel_min_evaluation: u32,
    /// AMD's roots.
    pub amd: AmdRoots,
    /// AMD's certificates may go without a revocation list, for Evidence with which none was
    /// recorded. Claims then have the concern `no-revocation-list`.
    pub danger_amd_without_revocation_list: bool,
    /// AWS's root.
    pub nitro: NitroRoots,
    /// The greatest age of a Nitro document.
    pub nitro_max_age_secs: u64,
    /// NVIDIA's roots.
    pub nvidia: NvidiaRoots,
    /// Roots of TPM makers and clouds. None is built in: which of them to trust is the owner's to
    /// say.
    pub tpm: Vec<TrustAnchor>,
    /// Keys and Reference Values of CCA platforms, which no vendor publishes in a signed form yet.
    pub cca: Option<CcaEndorsements>,
}

impl Trust {
    /// The vendors' own roots, and nothing else.
    #[must_use]
    pub fn vendors() -> Self {
        Self {
            intel: IntelRoots::intel(),
            intel_min_evaluation: 0,
            amd: AmdRoots::amd(),
            danger_amd_without_revocation_list: false,
            nitro: NitroRoots::aws(),
            nitro_max_age_secs: NITRO_MAX_AGE_SECS,
            nvidia: NvidiaRoots::production(),
            tpm: Vec::new(),
            cca: None,
        }
    }
}
