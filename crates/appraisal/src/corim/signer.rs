use adyton_crypto::VerifyingKey;
use adyton_pki::{KeyKind, PublicKey, SignatureAlgorithm};

use super::CorimError;

/// `SubjectPublicKeyInfo` of an Ed25519 key, up to the key (RFC 8410 section 4).
const ED25519: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// The key of who signs CoRIMs, pinned by who imports them.
#[derive(Debug, Clone)]
pub struct CorimSigner(Key);

#[derive(Debug, Clone)]
enum Key {
    EdDsa(VerifyingKey),
    Ecdsa(PublicKey, SignatureAlgorithm, i64),
}

impl CorimSigner {
    /// From a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`CorimError::Key`].
    pub fn from_spki(der: &[u8]) -> Result<Self, CorimError> {
        if let Some(key) = der.strip_prefix(&ED25519) {
            let key = key.try_into().map_err(|_| CorimError::Key)?;
            let key = VerifyingKey::from_bytes(key).map_err(|_| CorimError::Key)?;
            return Ok(Self(Key::EdDsa(key)));
        }
        Self::from_key(PublicKey::from_spki(der).map_err(|_| CorimError::Key)?)
    }

    /// From the key of a certificate, whose path is the caller's to verify.
    ///
    /// # Errors
    /// [`CorimError::Key`] if it is on no curve that COSE signs with.
    pub fn from_key(key: PublicKey) -> Result<Self, CorimError> {
        // RFC 9053 section 2.1.
        let (algorithm, cose) = match key.kind() {
            KeyKind::P256 => (SignatureAlgorithm::EcdsaP256Sha256Fixed, -7),
            KeyKind::P384 => (SignatureAlgorithm::EcdsaP384Sha384Fixed, -35),
            KeyKind::P521 => (SignatureAlgorithm::EcdsaP521Sha512Fixed, -36),
            _ => return Err(CorimError::Key),
        };
        Ok(Self(Key::Ecdsa(key, algorithm, cose)))
    }

    /// Verifies what was signed by the COSE algorithm `found`.
    pub(super) fn verify(
        &self,
        found: i64,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CorimError> {
        let expected = match &self.0 {
            Key::EdDsa(_) => -8,
            Key::Ecdsa(_, _, cose) => *cose,
        };
        if found != expected {
            return Err(CorimError::Algorithm { expected, found });
        }
        let verified = match &self.0 {
            Key::EdDsa(key) => {
                let signature = signature.try_into().map_err(|_| CorimError::Signature)?;
                key.verify(message, signature).map_err(drop)
            }
            Key::Ecdsa(key, algorithm, _) => {
                let verified = key.verify(*algorithm, message, signature, "CoRIM");
                verified.map_err(drop)
            }
        };
        verified.map_err(|()| CorimError::Signature)
    }
}
