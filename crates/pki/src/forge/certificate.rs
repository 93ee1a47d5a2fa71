use adyton_types::UnixTime;

use super::encode::{
    bit_string, boolean, explicit, integer, name, octet_string, oid, sequence, time,
};
use super::key::{ForgeKey, identifier};
use crate::oid::known;
use crate::{Certificate, KeyKind, KeyUsage, Oid, SignatureAlgorithm};

/// An extension of a forged certificate or revocation list.
#[derive(Debug, Clone)]
pub struct ExtensionForge {
    /// Which.
    pub oid: Oid,
    /// Whether it is critical.
    pub critical: bool,
    /// The DER inside its OCTET STRING.
    pub value: Vec<u8>,
}

impl ExtensionForge {
    /// Puts one together.
    #[must_use]
    pub fn new(oid: Oid, critical: bool, value: &[u8]) -> Self {
        Self {
            oid,
            critical,
            value: value.to_vec(),
        }
    }

    /// basicConstraints, critical.
    #[must_use]
    pub fn basic_constraints(ca: bool, path_len: Option<u8>) -> Self {
        let mut inner = Vec::new();
        if ca {
            inner.extend(boolean(true));
        }
        if let Some(len) = path_len {
            inner.extend(integer(&[len]));
        }
        Self::new(known::BASIC_CONSTRAINTS, true, &sequence(&[&inner]))
    }

    /// keyUsage, critical.
    #[must_use]
    pub fn key_usage(usage: KeyUsage) -> Self {
        let all = [
            KeyUsage::DIGITAL_SIGNATURE,
            KeyUsage::CONTENT_COMMITMENT,
            KeyUsage::KEY_ENCIPHERMENT,
            KeyUsage::KEY_AGREEMENT,
            KeyUsage::CERT_SIGN,
            KeyUsage::CRL_SIGN,
        ];
        let places = [0x80u8, 0x40, 0x20, 0x08, 0x04, 0x02];
        let bits = all
            .iter()
            .zip(places)
            .filter(|(one, _)| usage.allows(**one))
            .fold(0, |bits, (_, place)| bits | place);
        let unused = u8::try_from(bits.trailing_zeros().min(7)).unwrap_or(7);
        Self::new(known::KEY_USAGE, true, &bit_string(unused, &[bits]))
    }

    pub(super) fn der(&self) -> Vec<u8> {
        let critical = if self.critical {
            boolean(true)
        } else {
            Vec::new()
        };
        sequence(&[&oid(&self.oid), &critical, &octet_string(&self.value)])
    }
}

/// A certificate in the making: set what is to differ, then sign.
#[derive(Debug, Clone)]
pub struct CertificateForge {
    /// X.509 version as encoded: 2 is version 3.
    pub version: u8,
    /// Contents of the serial number's INTEGER.
    pub serial: Vec<u8>,
    /// Issuer's Name in DER.
    pub issuer: Vec<u8>,
    /// Subject's Name in DER.
    pub subject: Vec<u8>,
    /// First second.
    pub not_before: UnixTime,
    /// Last second.
    pub not_after: UnixTime,
    /// SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// Extensions, in order.
    pub extensions: Vec<ExtensionForge>,
    /// The AlgorithmIdentifier in the signed part, where it is to differ from the true one.
    pub inner_algorithm: Option<Vec<u8>>,
    /// The AlgorithmIdentifier beside the signature, likewise.
    pub outer_algorithm: Option<Vec<u8>>,
    /// How to sign; by default as the signer's kind of key is most often used.
    pub algorithm: Option<SignatureAlgorithm>,
}

impl CertificateForge {
    /// A certificate of `subject` for a key, valid from 2020 to 2040, without extensions.
    #[must_use]
    pub fn new(subject: &str, issuer: &str, key: &ForgeKey) -> Self {
        Self {
            version: 2,
            serial: vec![1],
            issuer: name(issuer),
            subject: name(subject),
            not_before: UnixTime::from_secs(1_577_836_800),
            not_after: UnixTime::from_secs(2_208_988_800),
            spki: key.spki().to_vec(),
            extensions: Vec::new(),
            inner_algorithm: None,
            outer_algorithm: None,
            algorithm: None,
        }
    }

    /// A CA that may sign certificates and revocation lists.
    #[must_use]
    pub fn ca(subject: &str, issuer: &str, key: &ForgeKey, path_len: Option<u8>) -> Self {
        let usage = KeyUsage::CERT_SIGN.and(KeyUsage::CRL_SIGN);
        Self::new(subject, issuer, key)
            .with(ExtensionForge::basic_constraints(true, path_len))
            .with(ExtensionForge::key_usage(usage))
    }

    /// An end entity that may sign data.
    #[must_use]
    pub fn end_entity(subject: &str, issuer: &str, key: &ForgeKey) -> Self {
        Self::new(subject, issuer, key)
            .with(ExtensionForge::basic_constraints(false, None))
            .with(ExtensionForge::key_usage(KeyUsage::DIGITAL_SIGNATURE))
    }

    /// One extension more; it takes the place of an earlier one of its kind.
    #[must_use]
    pub fn with(mut self, extension: ExtensionForge) -> Self {
        match self.extensions.iter_mut().find(|e| e.oid == extension.oid) {
            Some(earlier) => *earlier = extension,
            None => self.extensions.push(extension),
        }
        self
    }

    /// Without that extension.
    #[must_use]
    pub fn without(mut self, oid: &Oid) -> Self {
        self.extensions.retain(|e| e.oid != *oid);
        self
    }

    /// With another serial number.
    #[must_use]
    pub fn serial(mut self, serial: &[u8]) -> Self {
        self.serial = serial.to_vec();
        self
    }

    /// The certificate in DER, signed by `key`.
    #[must_use]
    pub fn sign(&self, key: &ForgeKey) -> Vec<u8> {
        let algorithm = self.algorithm.unwrap_or(key.default_algorithm());
        let identifier = identifier(algorithm);
        let inner = self.inner_algorithm.as_ref().unwrap_or(&identifier);
        let list: Vec<u8> = self
            .extensions
            .iter()
            .flat_map(ExtensionForge::der)
            .collect();
        let extensions = if list.is_empty() {
            Vec::new()
        } else {
            explicit(3, &sequence(&[&list]))
        };
        let signed = sequence(&[
            &explicit(0, &integer(&[self.version])),
            &integer(&self.serial),
            inner,
            &self.issuer,
            &sequence(&[&time(self.not_before), &time(self.not_after)]),
            &self.subject,
            &self.spki,
            &extensions,
        ]);
        let signature = key.sign(algorithm, &signed);
        let outer = self.outer_algorithm.as_ref().unwrap_or(&identifier);
        sequence(&[&signed, outer, &bit_string(0, &signature)])
    }

    /// The same, read.
    ///
    /// # Panics
    /// If it is not well-formed.
    #[must_use]
    pub fn certificate(&self, key: &ForgeKey) -> Certificate {
        Certificate::parse(&self.sign(key)).expect("a well-formed certificate")
    }

    /// A self-signed root of a fresh key, and the key.
    #[must_use]
    pub fn root(subject: &str, kind: KeyKind) -> (Certificate, ForgeKey) {
        let key = ForgeKey::generate(kind);
        let root = Self::ca(subject, subject, &key, None).certificate(&key);
        (root, key)
    }
}
