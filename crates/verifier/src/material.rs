//! Endorsements as files: certificates, revocation lists, OCSP answers, Intel's signed documents,
//! NVIDIA's manifests, in DER, PEM, JSON or XML, in any number and order, recognised by content.
//!
//! [`Material`] is what was handed in, of which nothing is believed. [`Material::endorse`] puts
//! together what belongs together, verifies each part up to the roots of a [`Trust`], and keeps why
//! a part was refused: Evidence that needed it is refused with that reason.

mod amd;
mod crl_dates;
mod intel;
mod nvidia;
mod recognise;
mod trust;

use adyton_pki::{Certificate, Crl, OcspResponse};
use adyton_tee_tcg_tpm::TpmEndorsements;
use adyton_types::UnixTime;

use crate::Endorsements;

pub use recognise::{MAX_FILE_BYTES, MaterialError};
pub use trust::Trust;

/// What was handed in as Endorsements: read, sorted by kind, and believed in nothing.
#[derive(Debug, Default)]
pub struct Material {
    certificates: Vec<Certificate>,
    crls: Vec<Crl>,
    ocsp: Vec<OcspResponse>,
    tcb_infos: Vec<intel::Document>,
    qe_identities: Vec<intel::Document>,
    rims: Vec<Vec<u8>>,
}

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
        recognise::add(self, bytes)
    }

    /// Verifies all of it at `now`. What does not verify is left out, and remembered with its
    /// reason ([`Endorsements::refused`]).
    #[must_use]
    pub fn endorse(&self, trust: &Trust, now: UnixTime) -> Endorsements {
        let mut endorsements = Endorsements::new();
        endorsements.set_nitro(trust.nitro.clone(), trust.nitro_max_age_secs);
        intel::endorse(self, trust, now, &mut endorsements);
        amd::endorse(self, trust, now, &mut endorsements);
        nvidia::endorse(self, trust, now, &mut endorsements);
        if !trust.tpm.is_empty() {
            let authorities = self.certificates.iter().filter(|c| c.is_ca()).cloned();
            let tpm = TpmEndorsements::new(trust.tpm.clone())
                .with_intermediates(authorities.collect())
                .with_crls(self.crls.clone());
            endorsements.set_tpm(tpm);
        }
        if let Some(cca) = &trust.cca {
            endorsements.set_cca(cca.clone());
        }
        endorsements
    }

    fn add_certificate(&mut self, certificate: Certificate) {
        let mut known = self.certificates.iter();
        if !known.any(|known| known.der() == certificate.der()) {
            self.certificates.push(certificate);
        }
    }

    fn add_crl(&mut self, crl: Crl) {
        let mut known = self.crls.iter();
        if !known.any(|known| known.der() == crl.der()) {
            self.crls.push(crl);
        }
    }

    /// Certificates whose subject has that common name.
    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Certificate> {
        let all = self.certificates.iter();
        all.filter(move |certificate| certificate.subject_common_name() == Some(name))
    }

    /// The revocation list of the issuer of that name: the newest of those in date, or else the
    /// newest, whose error then says that it has expired.
    fn crl_of(&self, issuer: &str, now: UnixTime) -> Option<&Crl> {
        let all = self.crls.iter();
        all.filter(|crl| crl.issuer_common_name() == Some(issuer))
            .max_by_key(|crl| {
                let (from, to) = crl_dates::of(crl);
                (from <= now && now <= to, from)
            })
    }
}

#[cfg(test)]
mod tests;
