use adyton_crypto::sha256;
use adyton_types::UnixTime;
use der::oid::ObjectIdentifier as Oid;

use super::certificate::ExtensionForge;
use super::encode::{
    bit_string, explicit, generalized_time, integer, octet_string, oid, sequence, tlv,
};
use super::key::{ForgeKey, identifier};
use crate::der_reader::tag;
use crate::oid::known;
use crate::{Certificate, PublicKey, SignatureAlgorithm};

/// One answer of a forged OCSP response.
#[derive(Debug, Clone)]
pub struct AnswerForge {
    /// Digest of the issuer's name.
    pub issuer_name: Vec<u8>,
    /// Digest of the issuer's key.
    pub issuer_key: Vec<u8>,
    /// Which digest.
    pub hash: Oid,
    /// Contents of the serial number's INTEGER.
    pub serial: Vec<u8>,
    /// The CertStatus in DER; good by default.
    pub status: Vec<u8>,
    /// From when on it counts.
    pub this_update: UnixTime,
    /// Until when; `None` leaves it out.
    pub next_update: Option<UnixTime>,
}

impl AnswerForge {
    /// Good, from 2020 to 2040.
    #[must_use]
    pub fn good(certificate: &Certificate, issuer: &PublicKey) -> Self {
        Self {
            issuer_name: sha256(&[certificate.issuer()]).to_vec(),
            issuer_key: sha256(&[issuer.bytes()]).to_vec(),
            hash: known::SHA256,
            serial: certificate.serial().to_vec(),
            status: tlv(tag::implicit(0), &[]),
            this_update: UnixTime::from_secs(1_577_836_800),
            next_update: Some(UnixTime::from_secs(2_208_988_800)),
        }
    }

    /// Revoked since 2021, for a reason of RFC 5280 section 5.3.1; 6 is on hold.
    #[must_use]
    pub fn revoked(mut self, reason: u8) -> Self {
        let since = generalized_time(UnixTime::from_secs(1_609_459_200));
        let reason = explicit(0, &tlv(tag::ENUMERATED, &[reason]));
        self.status = tlv(tag::explicit(1), &[since, reason].concat());
        self
    }

    /// Not known.
    #[must_use]
    pub fn unknown(mut self) -> Self {
        self.status = tlv(tag::implicit(2), &[]);
        self
    }

    fn der(&self) -> Vec<u8> {
        let id = sequence(&[
            &sequence(&[&oid(&self.hash)]),
            &octet_string(&self.issuer_name),
            &octet_string(&self.issuer_key),
            &integer(&self.serial),
        ]);
        let next = self
            .next_update
            .map(|next| explicit(0, &generalized_time(next)));
        sequence(&[
            &id,
            &self.status,
            &generalized_time(self.this_update),
            &next.unwrap_or_default(),
        ])
    }
}

/// An OCSP response in the making.
#[derive(Debug, Clone, Default)]
pub struct OcspForge {
    /// OCSPResponseStatus; 0 is successful.
    pub status: u8,
    /// The answers.
    pub answers: Vec<AnswerForge>,
    /// Certificates that come with it, in DER.
    pub certificates: Vec<Vec<u8>>,
    /// Extensions of the response.
    pub extensions: Vec<ExtensionForge>,
    /// How to sign; by default as the signer's kind of key is most often used.
    pub algorithm: Option<SignatureAlgorithm>,
}

impl OcspForge {
    /// A response with these answers.
    #[must_use]
    pub fn new(answers: Vec<AnswerForge>) -> Self {
        Self {
            answers,
            ..Self::default()
        }
    }

    /// The response in DER, signed by `key`.
    #[must_use]
    pub fn sign(&self, key: &ForgeKey) -> Vec<u8> {
        let algorithm = self.algorithm.unwrap_or(key.default_algorithm());
        let answers: Vec<u8> = self.answers.iter().flat_map(AnswerForge::der).collect();
        let extensions: Vec<u8> = self
            .extensions
            .iter()
            .flat_map(ExtensionForge::der)
            .collect();
        let extensions = match extensions.is_empty() {
            true => Vec::new(),
            false => explicit(1, &sequence(&[&extensions])),
        };
        let data = sequence(&[
            &explicit(2, &octet_string(&sha256(&[key.public().bytes()]))),
            &generalized_time(UnixTime::from_secs(1_577_836_800)),
            &sequence(&[&answers]),
            &extensions,
        ]);
        let certificates = match self.certificates.as_slice() {
            [] => Vec::new(),
            list => explicit(0, &sequence(&[&list.concat()])),
        };
        let basic = sequence(&[
            &data,
            &identifier(algorithm),
            &bit_string(0, &key.sign(algorithm, &data)),
            &certificates,
        ]);
        let bytes = sequence(&[
            &oid(&crate::ocsp::response::OCSP_BASIC),
            &octet_string(&basic),
        ]);
        sequence(&[&tlv(tag::ENUMERATED, &[self.status]), &explicit(0, &bytes)])
    }
}
