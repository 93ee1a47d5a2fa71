//! Endorsements as files: certificates, revocation lists, OCSP answers, Intel's signed documents,
//! NVIDIA's manifests, in DER, PEM, JSON or XML, in any number and order, recognised by content.
//!
//! [`Material`] is what was handed in, of which nothing is believed. [`Material::endorse`] puts
//! together what belongs together, verifies each part up to the roots of a [`Trust`], and keeps why
//! a part was refused: Evidence that needed it is refused with that reason.

mod amd;
mod cca;
mod choice;
mod crl_dates;
mod document;
mod intel;
mod intel_chains;
mod nvidia;
mod parts;
mod recognise;
mod trust;
mod vet;

use adyton_tee_amd_snp::REPORT_BYTES;
use adyton_tee_azure_cvm::{AzureEvidence, Hardware};
use adyton_tee_intel_dcap::PckPlatform;
use adyton_tee_tcg_tpm::TpmEndorsements;
use adyton_types::{Evidence, TeeKind, UnixTime};

use crate::Endorsements;
use parts::Parts;

pub use cca::{CcaTextError, MAX_CCA_TEXT_BYTES, danger_cca_platforms};
pub use recognise::{MAX_FILE_BYTES, MaterialError};
pub use trust::Trust;
pub use vet::{VetError, Vetted, ocsp_questions, vet, vet_ocsp, vet_ocsp_nonce};

/// The most certificates that are taken of one piece beside Evidence: a chain has four. Each may be a
/// rival of each other, so that many would cost as much as their square.
const MAX_BESIDE: usize = 8;

/// What was handed in as Endorsements: read, sorted by kind, and believed in nothing.
#[derive(Debug, Clone, Default)]
pub struct Material(Parts);

impl Material {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what one file holds. Says what it was.
    ///
    /// # Errors
    /// [`MaterialError`] if it is no Endorsement of a kind that is known here.
    pub fn add(&mut self, bytes: &[u8]) -> Result<Vec<&'static str>, MaterialError> {
        recognise::add(&mut self.0, bytes)
    }

    /// Takes the certificates that came beside the Evidence, and nothing else of it: who is to be
    /// judged names its own keys, but does not choose by which revocation list, or by which of its
    /// vendor's statements that are still in date, it is judged. Says what was taken.
    ///
    /// # Errors
    /// [`MaterialError`] if it holds no certificate.
    pub fn add_beside(&mut self, bytes: &[u8]) -> Result<Vec<&'static str>, MaterialError> {
        let mut beside = Parts::default();
        let mut kinds = recognise::add(&mut beside, bytes)?;
        kinds.retain(|kind| *kind == recognise::CERTIFICATE);
        for certificate in beside.certificates.into_iter().take(MAX_BESIDE) {
            self.0.add_certificate(certificate);
        }
        match kinds.is_empty() {
            true => Err(MaterialError::Unknown),
            false => Ok(kinds),
        }
    }

    /// Takes the certificates that the Evidence itself carries for the hardware below it: an extended
    /// SNP report's table, Azure's copy. They prove themselves like anything else; a revocation list
    /// among them is left out, as by [`add_beside`](Self::add_beside).
    pub fn add_carried(&mut self, evidence: &Evidence) {
        let carried = match evidence.kind {
            TeeKind::Snp => evidence.bytes.get(REPORT_BYTES..).map(<[u8]>::to_vec),
            TeeKind::AzureSnp => match AzureEvidence::parse(&evidence.bytes) {
                Ok(AzureEvidence {
                    hardware: Hardware::Snp { vek },
                    ..
                }) => vek,
                _ => None,
            },
            _ => None,
        };
        if let Some(carried) = carried {
            // What is none of them is of no use, and no harm.
            let _ = self.add_beside(&carried);
        }
    }

    /// What certificates of Intel's platforms say, unverified: which TCB info they need.
    #[must_use]
    pub fn platforms(&self) -> Vec<PckPlatform> {
        let leaves = self.0.named(intel_chains::PCK);
        leaves
            .filter_map(|leaf| PckPlatform::parse(leaf).ok())
            .collect()
    }

    /// Takes all that another holds.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Verifies all of it at `now`. What does not verify is left out, and remembered with its
    /// reason ([`Endorsements::refused`]).
    #[must_use]
    pub fn endorse(&self, trust: &Trust, now: UnixTime) -> Endorsements {
        let mut endorsements = Endorsements::new();
        endorsements.set_nitro(trust.nitro.clone(), trust.nitro_max_age_secs);
        intel::endorse(&self.0, trust, now, &mut endorsements);
        amd::endorse(&self.0, trust, now, &mut endorsements);
        nvidia::endorse(&self.0, trust, now, &mut endorsements);
        if !trust.tpm.is_empty() || !trust.tpm_enrolled.is_empty() {
            let authorities = self.0.certificates.iter().filter(|c| c.is_ca()).cloned();
            let tpm = TpmEndorsements::new(trust.tpm.clone())
                .with_intermediates(authorities.collect())
                .with_crls(self.0.crls.clone());
            let enrolled = trust.tpm_enrolled.iter().cloned();
            endorsements.set_tpm(enrolled.fold(tpm, TpmEndorsements::with_enrolled));
        }
        if let Some(cca) = &trust.cca {
            endorsements.set_cca(cca.clone());
        }
        endorsements
    }
}

#[cfg(test)]
mod tests;
