use adyton_pki::{Certificate, TrustAnchor};
use adyton_tee_amd_snp::{Generation, Roots as AmdRoots};
use adyton_tee_arm_cca::CcaEndorsements;
use adyton_tee_aws_nitro::Roots as NitroRoots;
use adyton_tee_intel_dcap::Roots as IntelRoots;
use adyton_tee_nvidia_gpu::NvidiaRoots;
use adyton_tee_tcg_tpm::EnrolledAk;

use crate::{NITRO_MAX_AGE_SECS, VerifyError};

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
    /// Keys of TPMs that the caller itself has enrolled.
    pub tpm_enrolled: Vec<EnrolledAk>,
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
            tpm_enrolled: Vec::new(),
            cca: None,
        }
    }

    /// The same and a TPM's key, by the record of its enrolment. Nothing in it proves that the
    /// enrolment took place: it has to come from the caller's own store.
    ///
    /// # Errors
    /// [`VerifyError`] if it is no such record.
    pub fn danger_with_enrolment(mut self, record: &[u8]) -> Result<Self, VerifyError> {
        self.tpm_enrolled
            .push(EnrolledAk::danger_from_store(record)?);
        Ok(self)
    }

    /// The same and another root, of the vendor whose root's name it bears; AWS's is replaced by it.
    /// Whoever has its key can state anything of that vendor's. `None` if it bears no such name.
    #[must_use]
    pub fn danger_with_root(mut self, root: &Certificate) -> Option<Self> {
        let anchor = TrustAnchor::from_certificate(root);
        let key = root.public_key().fingerprint();
        match root.subject_common_name()? {
            "Intel SGX Root CA" => self.intel = self.intel.danger_with(anchor),
            "NVIDIA Device Identity CA" => self.nvidia = self.nvidia.danger_with_device(anchor),
            "NVIDIA CoRIM signing Root CA" => self.nvidia = self.nvidia.danger_with_rim(anchor),
            "aws.nitro-enclaves" => self.nitro = NitroRoots::danger_of(key),
            name => {
                let product = name.strip_prefix("ARK-")?;
                let mut all = Generation::ALL.into_iter();
                let generation = all.find(|known| known.as_str() == product)?;
                self.amd = self.amd.danger_with(generation, key);
            }
        }
        Some(self)
    }
}
