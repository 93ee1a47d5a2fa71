use adyton_pki::{Certificate, Crl, OcspResponse};
use adyton_types::UnixTime;

use super::choice::best;
use super::crl_dates;
use super::document::Document;

/// The parts of what was handed in, by kind.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    pub(super) certificates: Vec<Certificate>,
    pub(super) crls: Vec<Crl>,
    pub(super) ocsp: Vec<OcspResponse>,
    pub(super) tcb_infos: Vec<Document>,
    pub(super) qe_identities: Vec<Document>,
    pub(super) rims: Vec<Vec<u8>>,
}

impl Parts {
    pub(super) fn add_certificate(&mut self, certificate: Certificate) {
        let mut known = self.certificates.iter();
        if !known.any(|known| known.der() == certificate.der()) {
            self.certificates.push(certificate);
        }
    }

    pub(super) fn add_crl(&mut self, crl: Crl) {
        let mut known = self.crls.iter();
        if !known.any(|known| known.der() == crl.der()) {
            self.crls.push(crl);
        }
    }

    pub(super) fn extend(&mut self, other: Self) {
        for certificate in other.certificates {
            self.add_certificate(certificate);
        }
        for crl in other.crls {
            self.add_crl(crl);
        }
        self.ocsp.extend(other.ocsp);
        self.tcb_infos.extend(other.tcb_infos);
        self.qe_identities.extend(other.qe_identities);
        self.rims.extend(other.rims);
    }

    /// Certificates whose subject has that common name.
    pub(super) fn named<'a, 'n>(
        &'a self,
        name: &'n str,
    ) -> impl Iterator<Item = &'a Certificate> + use<'a, 'n> {
        let all = self.certificates.iter();
        all.filter(move |certificate| certificate.subject_common_name() == Some(name))
    }

    /// Revocation lists that say they are of the issuer of that name.
    pub(super) fn crls_of<'a, 'n>(
        &'a self,
        issuer: &'n str,
    ) -> impl Iterator<Item = &'a Crl> + use<'a, 'n> {
        let all = self.crls.iter();
        all.filter(move |crl| crl.issuer_common_name() == Some(issuer))
    }

    /// The revocation list of the issuer of that name that counts: of those that are good the newest
    /// that is in date.
    pub(super) fn crl_of(
        &self,
        issuer: &str,
        now: UnixTime,
        is_good: impl Fn(&Crl) -> bool,
    ) -> Option<&Crl> {
        let all = self.crls_of(issuer);
        let rank = |crl: &Crl| {
            let (from, to) = crl_dates::of(crl);
            (from <= now && now <= to, from)
        };
        best(all, rank, is_good)
    }
}
