use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};

use crate::{CryptoError, CryptoRng, SecretArray, SecretBytes};

/// How many bytes sealing adds: a 24-byte nonce before, a 16-byte tag behind.
pub const AEAD_OVERHEAD: usize = NONCE + TAG;
const NONCE: usize = 24;
const TAG: usize = 16;

/// A key for XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), whose nonces are long enough to be
/// drawn at random for every record.
#[derive(Debug)]
pub struct AeadKey(SecretArray<32>);

impl AeadKey {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: SecretArray<32>) -> Self {
        Self(bytes)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.expose().into())
    }

    /// Seals: nonce, ciphertext, tag. `aad` is authenticated and not stored.
    ///
    /// # Panics
    /// Never: the cipher's limit is 256 GiB.
    #[must_use]
    pub fn seal(&self, plaintext: &[u8], aad: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        rng.fill_bytes(&mut nonce);
        let sealed = self
            .cipher()
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plaintext,
                    aad,
                },
            )
            .expect("the plaintext is shorter than the cipher's 256 GiB");
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what [`seal`](Self::seal) made under the same key and `aad`.
    ///
    /// # Errors
    /// [`CryptoError::Open`].
    pub fn open(&self, sealed: &[u8], aad: &[u8]) -> Result<SecretBytes, CryptoError> {
        let (nonce, ciphertext) = sealed
            .split_first_chunk::<NONCE>()
            .ok_or(CryptoError::Open)?;
        self.cipher()
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: ciphertext,
                    aad,
                },
            )
            .map(SecretBytes::new)
            .map_err(|_| CryptoError::Open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os_rng;

    #[test]
    fn opens_only_unaltered_under_the_same_key_and_context() {
        let key = AeadKey::new(SecretArray::fill_with(|b| b.fill(1)));
        let other = AeadKey::new(SecretArray::fill_with(|b| b.fill(2)));
        let sealed = key.seal(b"value", b"aad", &mut os_rng());
        assert_eq!(sealed.len(), 5 + AEAD_OVERHEAD);
        assert_eq!(key.open(&sealed, b"aad").unwrap().expose(), b"value");
        assert_eq!(key.open(&sealed, b"other"), Err(CryptoError::Open));
        assert_eq!(other.open(&sealed, b"aad"), Err(CryptoError::Open));
        for i in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[i] ^= 1;
            assert_eq!(
                key.open(&altered, b"aad"),
                Err(CryptoError::Open),
                "byte {i}"
            );
            assert_eq!(
                key.open(&sealed[..i], b"aad"),
                Err(CryptoError::Open),
                "cut at {i}"
            );
        }
    }
}
