use adyton_pki::{DerReader, KeyKind, PkiError, PublicKey, tag};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};

use crate::{Attributes, HashAlg, Scheme};

/// What an Attestation Key has to be.
const AK_ATTRIBUTES: u32 = Attributes::FIXED_TPM
    | Attributes::FIXED_PARENT
    | Attributes::SENSITIVE_DATA_ORIGIN
    | Attributes::RESTRICTED
    | Attributes::SIGN;

/// An Attestation Key in software, on P-256 or of RSA, that signs with SHA-256 whatever it is told.
#[derive(Debug)]
pub struct ForgedAk {
    pair: Pair,
    /// Its `TPMA_OBJECT`.
    pub attributes: u32,
    /// Its `nameAlg`.
    pub name_alg: u16,
    /// The scheme in its public area; `None` for one that leaves it to the signature.
    pub scheme: Option<u16>,
}

#[derive(Debug)]
enum Pair {
    Ecc(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl ForgedAk {
    /// A fresh key on P-256.
    ///
    /// # Panics
    /// If the provider has no randomness.
    #[must_use]
    pub fn ecc() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        Self::new(
            Pair::Ecc(pair.expect("the provider makes keys")),
            Scheme::Ecdsa,
        )
    }

    /// A fresh RSA key of 2048 bits, for RSASSA or RSAPSS.
    ///
    /// # Panics
    /// If the provider has no randomness.
    #[must_use]
    pub fn rsa(scheme: Scheme) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048);
        Self::new(Pair::Rsa(pair.expect("the provider makes keys")), scheme)
    }

    const fn new(pair: Pair, scheme: Scheme) -> Self {
        Self {
            pair,
            attributes: AK_ATTRIBUTES,
            name_alg: HashAlg::Sha256.id(),
            scheme: Some(scheme.id()),
        }
    }

    /// Its `TPMT_PUBLIC`.
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        let key = match &self.pair {
            Pair::Ecc(pair) => Numbers::Point(pair.public_key().as_ref().to_vec()),
            Pair::Rsa(_) => Numbers::Modulus(self.modulus()),
        };
        public_area(&key, self.name_alg, self.attributes, self.scheme)
    }

    /// The modulus of an RSA key; empty for another.
    #[must_use]
    pub fn modulus(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Rsa(pair) => modulus(pair.public_key().as_ref()),
            Pair::Ecc(_) => Vec::new(),
        }
    }

    /// A `TPMT_SIGNATURE` over `message`.
    ///
    /// # Panics
    /// If the provider has no randomness.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut out = self
            .scheme
            .unwrap_or(Scheme::Ecdsa.id())
            .to_be_bytes()
            .to_vec();
        out.extend(HashAlg::Sha256.id().to_be_bytes());
        match &self.pair {
            Pair::Ecc(pair) => {
                let signature = pair
                    .sign(&SystemRandom::new(), message)
                    .expect("the provider signs");
                for number in signature.as_ref().chunks(32) {
                    out.extend(sized(number));
                }
            }
            Pair::Rsa(_) => out.extend(sized(&self.sign_raw(message))),
        }
        out
    }

    /// The bare signature of an RSA key; empty for another.
    ///
    /// # Panics
    /// If the provider has no randomness.
    #[must_use]
    pub fn sign_raw(&self, message: &[u8]) -> Vec<u8> {
        let Pair::Rsa(pair) = &self.pair else {
            return Vec::new();
        };
        let mut signature = vec![0; pair.public_modulus_len()];
        let random = SystemRandom::new();
        let padding: &dyn aws_lc_rs::signature::RsaEncoding =
            if self.scheme == Some(Scheme::RsaPss.id()) {
                &RSA_PSS_SHA256
            } else {
                &RSA_PKCS1_SHA256
            };
        pair.sign(padding, &random, message, &mut signature)
            .expect("the provider signs");
        signature
    }
}

/// A key as numbers.
#[derive(Debug, Clone)]
pub enum Numbers {
    /// A point of P-256, uncompressed.
    Point(Vec<u8>),
    /// An RSA modulus of 2048 bits.
    Modulus(Vec<u8>),
}

impl Numbers {
    /// Those of a key.
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        match key.kind() {
            KeyKind::Rsa => Self::Modulus(modulus(key.bytes())),
            _ => Self::Point(key.bytes().to_vec()),
        }
    }
}

/// A `TPMT_PUBLIC` of any key, so that a certificate of a real one can be tested without its TPM.
#[must_use]
pub fn public_area(key: &Numbers, name_alg: u16, attributes: u32, scheme: Option<u16>) -> Vec<u8> {
    let kind: u16 = match key {
        Numbers::Point(_) => 0x0023,
        Numbers::Modulus(_) => 0x0001,
    };
    let mut out = kind.to_be_bytes().to_vec();
    out.extend(name_alg.to_be_bytes());
    out.extend(attributes.to_be_bytes());
    // No policy.
    out.extend([0, 0]);
    if attributes & Attributes::DECRYPT == 0 {
        out.extend([0, 0x10]);
    } else {
        // AES, 128 bits, CFB.
        out.extend([0, 6, 0, 128, 0, 0x43]);
    }
    match scheme {
        Some(scheme) => {
            out.extend(scheme.to_be_bytes());
            out.extend(HashAlg::Sha256.id().to_be_bytes());
        }
        None => out.extend([0, 0x10]),
    }
    match key {
        Numbers::Point(point) => {
            // P-256, no key derivation.
            out.extend([0, 3, 0, 0x10]);
            for number in point.get(1..).unwrap_or_default().chunks(32) {
                out.extend(sized(number));
            }
        }
        Numbers::Modulus(modulus) => {
            // 2048 bits, the default exponent.
            out.extend([8, 0, 0, 0, 0, 0]);
            out.extend(sized(modulus));
        }
    }
    out
}

/// The modulus of an RSAPublicKey.
fn modulus(der: &[u8]) -> Vec<u8> {
    const WHAT: &str = "RSA public key";
    let first = || -> Result<Vec<u8>, PkiError> {
        let key = DerReader::single(der, tag::SEQUENCE, WHAT)?;
        let mut numbers = key.inside(tag::SEQUENCE, WHAT)?;
        Ok(numbers.any(WHAT)?.unsigned(WHAT)?.to_vec())
    };
    first().unwrap_or_default()
}

/// A `TPM2B`.
pub(super) fn sized(bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut out = len.to_be_bytes().to_vec();
    out.extend_from_slice(bytes);
    out
}
