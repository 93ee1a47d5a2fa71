use std::fmt;

use adyton_crypto::{SIGNATURE_BYTES, SecretBytes, SigningKey, VerifyingKey};
use adyton_pki::{KeyKind, PublicKey, SignatureAlgorithm};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};

use crate::EarError;

/// Length of a signature: both algorithms have the same.
const LEN: usize = SIGNATURE_BYTES;

/// What a Verifier signs its results with.
pub struct EarSigningKey(Signer);

enum Signer {
    EdDsa(SigningKey),
    /// The provider draws the nonce of an ECDSA signature itself.
    Es256(Box<EcdsaKeyPair>),
}

impl EarSigningKey {
    /// Ed25519 (`EdDSA`): for new deployments.
    #[must_use]
    pub const fn ed25519(key: SigningKey) -> Self {
        Self(Signer::EdDsa(key))
    }

    /// ECDSA on P-256 with SHA-256 (`ES256`), from a PKCS #8 document (RFC 5958) in DER.
    ///
    /// # Errors
    /// [`EarError::Key`] if it is none.
    pub fn es256(pkcs8: &SecretBytes) -> Result<Self, EarError> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.expose())
            .map(|key| Self(Signer::Es256(Box::new(key))))
            .map_err(|_| EarError::Key {
                what: "P-256 key in PKCS #8",
            })
    }

    /// The key that verifies, to be pinned.
    ///
    /// # Errors
    /// [`EarError::Key`], which no key that was made here meets.
    pub fn verifying_key(&self) -> Result<EarVerifyingKey, EarError> {
        match &self.0 {
            Signer::EdDsa(key) => Ok(EarVerifyingKey::ed25519(key.verifying_key())),
            Signer::Es256(key) => {
                let point = PublicKey::from_sec1(KeyKind::P256, key.public_key().as_ref());
                EarVerifyingKey::es256(point.map_err(|_| NO_P256)?)
            }
        }
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self.0 {
            Signer::EdDsa(_) => Algorithm::EdDsa,
            Signer::Es256(_) => Algorithm::Es256,
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<[u8; LEN], EarError> {
        let failed = EarError::Key {
            what: "key that signs",
        };
        match &self.0 {
            Signer::EdDsa(key) => Ok(key.sign(message)),
            Signer::Es256(key) => {
                let signature = key.sign(&SystemRandom::new(), message);
                let signature = signature.map_err(|_| failed.clone())?;
                signature.as_ref().try_into().map_err(|_| failed)
            }
        }
    }
}

impl fmt::Debug for EarSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EarSigningKey({})", self.algorithm().jose())
    }
}

const NO_P256: EarError = EarError::Key {
    what: "public key on P-256",
};

/// The key of one Verifier, to be pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarVerifyingKey(Key);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    EdDsa(VerifyingKey),
    Es256(PublicKey),
}

impl EarVerifyingKey {
    /// An Ed25519 key.
    #[must_use]
    pub const fn ed25519(key: VerifyingKey) -> Self {
        Self(Key::EdDsa(key))
    }

    /// A key on P-256.
    ///
    /// # Errors
    /// [`EarError::Key`] if it is of another kind.
    pub fn es256(key: PublicKey) -> Result<Self, EarError> {
        match key.kind() {
            KeyKind::P256 => Ok(Self(Key::Es256(key))),
            _ => Err(NO_P256),
        }
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self.0 {
            Key::EdDsa(_) => Algorithm::EdDsa,
            Key::Es256(_) => Algorithm::Es256,
        }
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), EarError> {
        let signature: &[u8; LEN] = signature.try_into().map_err(|_| EarError::Signature)?;
        match &self.0 {
            Key::EdDsa(key) => key.verify(message, signature).map_err(drop),
            Key::Es256(key) => {
                let algorithm = SignatureAlgorithm::EcdsaP256Sha256Fixed;
                let verified = key.verify(algorithm, message, signature, "EAR");
                verified.map_err(drop)
            }
        }
        .map_err(|()| EarError::Signature)
    }
}

/// The two algorithms, by their names in both worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    EdDsa,
    Es256,
}

impl Algorithm {
    /// RFC 7518 section 3.1, RFC 8037 section 3.1.
    pub(crate) const fn jose(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }

    /// RFC 9053 section 2, as `-1 - n`.
    pub(crate) const fn cose(self) -> u64 {
        match self {
            Self::EdDsa => 7,
            Self::Es256 => 6,
        }
    }
}
