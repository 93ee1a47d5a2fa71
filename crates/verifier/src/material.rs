//! Endorsements as files: certificates, revocation lists, OCSP answers, Intel's signed documents,
//! NVIDIA's manifests, in DER, PEM, JSON or XML, in any number and order, recognised by content.
//!
//! [`Material`] is what was handed in, of which nothing is believed. [`Material::endorse`] puts
//! together what belongs together, verifies each part up to the roots of a [`Trust`], and keeps why
//! a part was refused: Evidence that needed it is refused with that reason.

mod amd;
mod crl_dates;
mod document;
mod intel;
mod nvidia;
mod parts;
mod recognise;
mod trust;

use adyton_tee_tcg_tpm::TpmEndorsements;
use adyton_types::UnixTime;

use crate::Endorsements;
use parts::Parts;

pub use recognise::{MAX_FILE_BYTES, MaterialError};
pub use trust::Trust;

/// What was handed in as Endorsements: read, sorted by kind, and believed in nothing.
#[derive(Debug, Default)]
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

    /// Verifies all of it at `now`. What does not verify is left out, and remembered with its
    /// reason ([`Endorsements::refused`]).
    #[must_use]
    pub fn endorse(&self, trust: &Trust, now: UnixTime) -> Endorsements {
        let mut endorsements = Endorsements::new();
        endorsements.set_nitro(trust.nitro.clone(), trust.nitro_max_age_secs);
        intel::endorse(&self.0, trust, now, &mut endorsements);
        amd::endorse(&self.0, trust, now, &mut endorsements);
        nvidia::endorse(&self.0, trust, now, &mut endorsements);
        if !trust.tpm.is_empty() {
            let authorities = self.0.certificates.iter().filter(|c| c.is_ca()).cloned();
            let tpm = TpmEndorsements::new(trust.tpm.clone())
                .with_intermediates(authorities.collect())
                .with_crls(self.0.crls.clone());
            endorsements.set_tpm(tpm);
        }
        if let Some(cca) = &trust.cca {
            endorsements.set_cca(cca.clone());
        }
        endorsements
    }
}

#[cfg(test)]
mod tests;
