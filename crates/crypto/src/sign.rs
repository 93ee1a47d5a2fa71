use std::fmt;

use adyton_codec::hex_encode;
use adyton_types::Fingerprint;
use ed25519_dalek::Signer as _;

use crate::{CryptoError, CryptoRng, SecretArray, random, sha256};

/// Length of an Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;

/// An Ed25519 signing key (RFC 8032 section 5.1), boxed and wiped when dropped.
pub struct SigningKey(Box<ed25519_dalek::SigningKey>);

impl SigningKey {
    /// Makes a fresh key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self::from_seed(&random(rng))
    }

    /// From its 32-byte seed.
    #[must_use]
    pub fn from_seed(seed: &SecretArray<32>) -> Self {
        Self(Box::new(ed25519_dalek::SigningKey::from_bytes(
            seed.expose(),
        )))
    }

    /// Its 32-byte seed.
    #[must_use]
    pub fn seed(&self) -> SecretArray<32> {
        SecretArray::fill_with(|bytes| bytes.copy_from_slice(self.0.as_bytes()))
    }

    /// The key that verifies.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key())
    }

    /// Signs. Callers sign nothing but structures that begin with a label of their own.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(of {:?})", self.verifying_key())
    }
}

/// An Ed25519 public key that is a valid point of the curve.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// From its 32 bytes.
    ///
    /// # Errors
    /// [`CryptoError::PublicKey`] if they are no point, or a point of small order, under which
    /// signatures can be made without a key.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, CryptoError> {
        let key =
            ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| CryptoError::PublicKey)?;
        if key.is_weak() {
            Err(CryptoError::PublicKey)
        } else {
            Ok(Self(key))
        }
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// SHA-256 of its 32 bytes, by which a person pins it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(sha256(&[self.0.as_bytes()]))
    }

    /// Verifies strictly: one signature has one encoding (no small-order `R`, `s` reduced).
    ///
    /// # Errors
    /// [`CryptoError::Signature`].
    pub fn verify(
        &self,
        message: &[u8],
        signature: &[u8; SIGNATURE_BYTES],
    ) -> Result<(), CryptoError> {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.0
            .verify_strict(message, &signature)
            .map_err(|_| CryptoError::Signature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", hex_encode(self.0.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use adyton_codec::hex_array;

    #[test]
    fn rfc_8032_7_1_test_2() {
        let seed =
            hex_array::<32>("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = SigningKey::from_seed(&SecretArray::fill_with(|b| *b = seed.unwrap()));
        let signature = key.sign(&[0x72]);
        assert_eq!(
            hex_encode(&signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
        assert_eq!(key.verifying_key().verify(&[0x72], &signature), Ok(()));
        assert_eq!(
            key.verifying_key().verify(&[0x73], &signature),
            Err(CryptoError::Signature)
        );
    }

    #[test]
    fn small_order_keys_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(
            VerifyingKey::from_bytes(&identity),
            Err(CryptoError::PublicKey)
        );
    }
}
