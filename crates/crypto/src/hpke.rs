use std::fmt;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};

use crate::{CryptoError, CryptoRng, SecretArray, SecretBytes};

/// The one HPKE suite, in the words of the IANA HPKE registry: base mode, KEM X-Wing (0x647a,
/// ML-KEM-768 and X25519), KDF HKDF-SHA256 (0x0001), AEAD ChaCha20Poly1305 (0x0003). Traffic that
/// is recorded today stays closed to a quantum computer later.
pub const HPKE_SUITE: &str = "X-Wing, HKDF-SHA256, ChaCha20Poly1305";

/// Length of an X-Wing public key.
pub const KEM_PUBLIC_KEY_BYTES: usize = 1216;

pub(crate) type Private = <XWing as hpke::Kem>::PrivateKey;
pub(crate) type Public = <XWing as hpke::Kem>::PublicKey;

/// A message sealed to a KEM public key (RFC 9180 section 6.1, single-shot).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The encapsulated key (`enc`), 1,120 bytes for X-Wing.
    pub enc: Vec<u8>,
    /// The ciphertext with its tag.
    pub ciphertext: Vec<u8>,
}

/// A KEM public key that has been decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct KemPublicKey(pub(crate) Box<Public>);

impl KemPublicKey {
    /// From its 1,216 bytes.
    ///
    /// # Errors
    /// [`CryptoError::PublicKey`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CryptoError> {
        Public::from_bytes(bytes)
            .map(|key| Self(Box::new(key)))
            .map_err(|_| CryptoError::PublicKey)
    }

    /// Its 1,216 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes().to_vec()
    }
}

impl fmt::Debug for KemPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KemPublicKey(X-Wing)")
    }
}

/// A KEM key pair. Boxed, wiped when dropped. An enclave's own is fresh for every run and never
/// stored.
pub struct KemKeyPair {
    private: Box<Private>,
    public: KemPublicKey,
}

impl KemKeyPair {
    /// Makes a fresh key pair.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let (private, public) = XWing::gen_keypair_with_rng(rng);
        Self {
            private: Box::new(private),
            public: KemPublicKey(Box::new(public)),
        }
    }

    /// The key pair whose decapsulation key is this seed (draft-connolly-cfrg-xwing-kem section
    /// 5.2), for keys that outlive a process, such as age's hybrid identities.
    ///
    /// # Panics
    /// Never: every 32 bytes are a seed.
    #[must_use]
    pub fn from_seed(seed: &SecretArray<32>) -> Self {
        let private = Private::from_bytes(seed.expose()).expect("every 32 bytes are a seed");
        let public = XWing::sk_to_pk(&private);
        Self {
            private: Box::new(private),
            public: KemPublicKey(Box::new(public)),
        }
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &KemPublicKey {
        &self.public
    }

    /// Opens what [`hpke_seal`] made for this key under the same `info` and `aad`.
    ///
    /// # Errors
    /// [`CryptoError::Open`].
    pub fn open(
        &self,
        sealed: &Sealed,
        info: &[u8],
        aad: &[u8],
    ) -> Result<SecretBytes, CryptoError> {
        let enc = <XWing as hpke::Kem>::EncappedKey::from_bytes(&sealed.enc)
            .map_err(|_| CryptoError::Open)?;
        hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &self.private,
            &enc,
            info,
            &sealed.ciphertext,
            aad,
        )
        .map(SecretBytes::new)
        .map_err(|_| CryptoError::Open)
    }

    pub(crate) const fn private(&self) -> &Private {
        &self.private
    }
}

impl fmt::Debug for KemKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KemKeyPair(X-Wing)")
    }
}

/// Seals a message to a KEM public key (RFC 9180 section 6.1, base mode).
///
/// # Errors
/// [`CryptoError::PublicKey`] if nothing can be encapsulated to the key.
pub fn hpke_seal(
    recipient: &KemPublicKey,
    plaintext: &[u8],
    info: &[u8],
    aad: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Sealed, CryptoError> {
    let (enc, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeS::Base,
        &recipient.0,
        info,
        plaintext,
        aad,
        rng,
    )
    .map_err(|_| CryptoError::PublicKey)?;
    Ok(Sealed {
        enc: enc.to_bytes().to_vec(),
        ciphertext,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os_rng;

    #[test]
    fn a_seed_is_a_key_pair() {
        let seed = SecretArray::fill_with(|bytes| bytes.fill(7));
        let (first, again) = (KemKeyPair::from_seed(&seed), KemKeyPair::from_seed(&seed));
        let sealed = hpke_seal(first.public(), b"key", b"info", b"", &mut os_rng()).unwrap();
        assert_eq!(again.open(&sealed, b"info", b"").unwrap().expose(), b"key");
    }

    #[test]
    fn opens_only_for_its_key_info_and_aad() {
        let rng = &mut os_rng();
        let (ours, other) = (KemKeyPair::generate(rng), KemKeyPair::generate(rng));
        let public = KemPublicKey::from_bytes(&ours.public().to_bytes()).unwrap();
        assert_eq!(public.to_bytes().len(), KEM_PUBLIC_KEY_BYTES);
        let sealed = hpke_seal(&public, b"key", b"info", b"aad", rng).unwrap();
        assert_eq!(
            ours.open(&sealed, b"info", b"aad").unwrap().expose(),
            b"key"
        );
        assert_eq!(other.open(&sealed, b"info", b"aad"), Err(CryptoError::Open));
        assert_eq!(ours.open(&sealed, b"other", b"aad"), Err(CryptoError::Open));
        assert_eq!(
            ours.open(&sealed, b"info", b"other"),
            Err(CryptoError::Open)
        );
        for i in 0..sealed.ciphertext.len() {
            let mut altered = sealed.clone();
            altered.ciphertext[i] ^= 1;
            assert_eq!(ours.open(&altered, b"info", b"aad"), Err(CryptoError::Open));
        }
        let mut short = sealed;
        short.enc.pop();
        assert_eq!(ours.open(&short, b"info", b"aad"), Err(CryptoError::Open));
    }
}
