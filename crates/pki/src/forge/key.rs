use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self as aws, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _, RsaKeyPair,
};

use super::encode::{explicit, integer, null, oid, sequence};
use crate::oid::known;
use crate::{KeyKind, Oid, PublicKey, SignatureAlgorithm};

/// A key pair for tests. Its randomness is the provider's own.
pub struct ForgeKey {
    kind: KeyKind,
    /// PKCS #8 of an EC key: one key serves every digest.
    pkcs8: Vec<u8>,
    rsa: Option<RsaKeyPair>,
    public: PublicKey,
}

impl ForgeKey {
    /// Makes one; RSA has 2048 bits, for larger ones see [`rsa`](Self::rsa).
    ///
    /// # Panics
    /// If the provider cannot make a key.
    #[must_use]
    pub fn generate(kind: KeyKind) -> Self {
        if kind == KeyKind::Rsa {
            return Self::rsa(KeySize::Rsa2048);
        }
        let algorithm = ec_signing(default_algorithm(kind)).expect("an EC algorithm");
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new())
            .expect("the provider makes keys");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref()).expect("own key");
        let public =
            PublicKey::from_sec1(kind, pair.public_key().as_ref()).expect("own public key");
        Self {
            kind,
            pkcs8: document.as_ref().to_vec(),
            rsa: None,
            public,
        }
    }

    /// Makes an RSA key; 4096 bits take seconds.
    ///
    /// # Panics
    /// If the provider cannot make a key.
    #[must_use]
    pub fn rsa(size: KeySize) -> Self {
        let pair = RsaKeyPair::generate(size).expect("the provider makes keys");
        let spki = pair.public_key().as_der().expect("own public key");
        let public = PublicKey::from_spki(spki.as_ref()).expect("own public key");
        Self {
            kind: KeyKind::Rsa,
            pkcs8: Vec::new(),
            rsa: Some(pair),
            public,
        }
    }

    /// The public key.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The public key's SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        self.public.spki()
    }

    /// The algorithm that its kind is most often used with; RSA: PSS with SHA-384, as AMD does.
    #[must_use]
    pub const fn default_algorithm(&self) -> SignatureAlgorithm {
        default_algorithm(self.kind)
    }

    /// Signs.
    ///
    /// # Panics
    /// If the algorithm is for another kind of key.
    #[must_use]
    pub fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Vec<u8> {
        assert_eq!(algorithm.key_kind(), self.kind, "{algorithm}");
        let rng = SystemRandom::new();
        match (&self.rsa, ec_signing(algorithm), rsa_signing(algorithm)) {
            (Some(pair), _, Some(encoding)) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &rng, message, &mut signature)
                    .expect("own key signs");
                signature
            }
            (None, Some(ec), _) => EcdsaKeyPair::from_pkcs8(ec, &self.pkcs8)
                .expect("own key")
                .sign(&rng, message)
                .expect("own key signs")
                .as_ref()
                .to_vec(),
            _ => panic!("the provider does not sign with {algorithm}"),
        }
    }
}

impl fmt::Debug for ForgeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ForgeKey({:?})", self.public)
    }
}

const fn default_algorithm(kind: KeyKind) -> SignatureAlgorithm {
    match kind {
        KeyKind::P256 => SignatureAlgorithm::EcdsaP256Sha256,
        KeyKind::P384 => SignatureAlgorithm::EcdsaP384Sha384,
        KeyKind::P521 => SignatureAlgorithm::EcdsaP521Sha512,
        KeyKind::Rsa => SignatureAlgorithm::RsaPssSha384,
    }
}

fn ec_signing(algorithm: SignatureAlgorithm) -> Option<&'static EcdsaSigningAlgorithm> {
    use SignatureAlgorithm as A;
    Some(match algorithm {
        A::EcdsaP256Sha256 => &aws::ECDSA_P256_SHA256_ASN1_SIGNING,
        A::EcdsaP256Sha256Fixed => &aws::ECDSA_P256_SHA256_FIXED_SIGNING,
        A::EcdsaP384Sha384 => &aws::ECDSA_P384_SHA384_ASN1_SIGNING,
        A::EcdsaP384Sha384Fixed => &aws::ECDSA_P384_SHA384_FIXED_SIGNING,
        A::EcdsaP521Sha256 => &aws::ECDSA_P521_SHA256_ASN1_SIGNING,
        A::EcdsaP521Sha384 => &aws::ECDSA_P521_SHA384_ASN1_SIGNING,
        A::EcdsaP521Sha512 => &aws::ECDSA_P521_SHA512_ASN1_SIGNING,
        A::EcdsaP521Sha512Fixed => &aws::ECDSA_P521_SHA512_FIXED_SIGNING,
        _ => return None,
    })
}

fn rsa_signing(algorithm: SignatureAlgorithm) -> Option<&'static dyn aws::RsaEncoding> {
    use SignatureAlgorithm as A;
    Some(match algorithm {
        A::RsaPssSha256 => &aws::RSA_PSS_SHA256,
        A::RsaPssSha384 => &aws::RSA_PSS_SHA384,
        A::RsaPssSha512 => &aws::RSA_PSS_SHA512,
        A::RsaPkcs1Sha256 => &aws::RSA_PKCS1_SHA256,
        A::RsaPkcs1Sha384 => &aws::RSA_PKCS1_SHA384,
        A::RsaPkcs1Sha512 => &aws::RSA_PKCS1_SHA512,
        _ => return None,
    })
}

/// The AlgorithmIdentifier of a signature.
pub(super) fn identifier(algorithm: SignatureAlgorithm) -> Vec<u8> {
    use SignatureAlgorithm as A;
    let plain = |id: &Oid| sequence(&[&oid(id)]);
    let with_null = |id: &Oid| sequence(&[&oid(id), &null()]);
    let pss = |digest: &Oid, salt: u8| {
        let digest = with_null(digest);
        let mgf = sequence(&[&oid(&known::MGF1), &digest]);
        let params = sequence(&[
            &explicit(0, &digest),
            &explicit(1, &mgf),
            &explicit(2, &integer(&[salt])),
        ]);
        sequence(&[&oid(&known::RSA_PSS), &params])
    };
    match algorithm {
        A::EcdsaP256Sha256 | A::EcdsaP256Sha256Fixed | A::EcdsaP384Sha256 | A::EcdsaP521Sha256 => {
            plain(&known::ECDSA_SHA256)
        }
        A::EcdsaP256Sha384 | A::EcdsaP384Sha384 | A::EcdsaP384Sha384Fixed | A::EcdsaP521Sha384 => {
            plain(&known::ECDSA_SHA384)
        }
        A::EcdsaP256Sha512 | A::EcdsaP384Sha512 | A::EcdsaP521Sha512 | A::EcdsaP521Sha512Fixed => {
            plain(&known::ECDSA_SHA512)
        }
        A::RsaPkcs1Sha256 => with_null(&known::RSA_SHA256),
        A::RsaPkcs1Sha384 => with_null(&known::RSA_SHA384),
        A::RsaPkcs1Sha512 => with_null(&known::RSA_SHA512),
        A::RsaPssSha256 => pss(&known::SHA256, 32),
        A::RsaPssSha384 => pss(&known::SHA384, 48),
        A::RsaPssSha512 => pss(&known::SHA512, 64),
    }
}
