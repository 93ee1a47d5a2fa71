use adyton_pki::{DerReader, PkiError, tag};
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
        let mut out = Vec::new();
        let kind: u16 = match self.pair {
            Pair::Ecc(_) => 0x0023,
            Pair::Rsa(_) => 0x0001,
        };
        out.extend(kind.to_be_bytes());
        out.extend(self.name_alg.to_be_bytes());
        out.extend(self.attributes.to_be_bytes());
        // No policy, no symmetric cipher.
        out.extend([0, 0, 0, 0x10]);
        match self.scheme {
            Some(scheme) => {
                out.extend(scheme.to_be_bytes());
                out.extend(HashAlg::Sha256.id().to_be_bytes());
            }
            None => out.extend([0, 0x10]),
        }
        match &self.pair {
            Pair::Ecc(pair) => {
                // P-256, no key derivation.
                out.extend([0, 3, 0, 0x10]);
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                for number in point.chunks(32) {
                    out.extend(sized(number));
                }
            }
            Pair::Rsa(_) => {
                // 2048 bits, the default exponent.
                out.extend([8, 0, 0, 0, 0, 0]);
                out.extend(sized(&self.modulus()));
            }
        }
        out
    }

    /// The modulus of an RSA key; empty for another.
    #[must_use]
    pub fn modulus(&self) -> Vec<u8> {
        let modulus = |der: &[u8]| -> Result<Vec<u8>, PkiError> {
            const WHAT: &str = "RSA public key";
            let key = DerReader::single(der, tag::SEQUENCE, WHAT)?;
            let mut numbers = key.inside(tag::SEQUENCE, WHAT)?;
            Ok(numbers.any(WHAT)?.unsigned(WHAT)?.to_vec())
        };
        match &self.pair {
            Pair::Rsa(pair) => modulus(pair.public_key().as_ref()).unwrap_or_default(),
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

/// A `TPM2B`.
pub(super) fn sized(bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut out = len.to_be_bytes().to_vec();
    out.extend_from_slice(bytes);
    out
}
