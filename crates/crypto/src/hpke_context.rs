use std::fmt;

use hpke::aead::{AeadCtxR, AeadCtxS, ChaCha20Poly1305};
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable as _, OpModeR, OpModeS, Serializable as _, setup_receiver};

use crate::hpke::{KemKeyPair, KemPublicKey};
use crate::{CryptoError, CryptoRng, SecretArray, SecretBytes};

/// The sender's side of an HPKE context (RFC 9180 section 5.2): message after message to one
/// key, each with the next sequence number.
pub struct HpkeSender {
    enc: Vec<u8>,
    context: Box<AeadCtxS<ChaCha20Poly1305, HkdfSha256, XWing>>,
}

impl HpkeSender {
    /// Sets a context up, in base mode and the suite [`HPKE_SUITE`](crate::HPKE_SUITE).
    ///
    /// # Errors
    /// [`CryptoError::PublicKey`] if nothing can be encapsulated to the key.
    pub fn new(
        recipient: &KemPublicKey,
        info: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<Self, CryptoError> {
        let (enc, context) = hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeS::Base,
            &recipient.0,
            info,
            rng,
        )
        .map_err(|_| CryptoError::PublicKey)?;
        Ok(Self {
            enc: enc.to_bytes().to_vec(),
            context: Box::new(context),
        })
    }

    /// The encapsulated key, which the receiver needs once: 1,120 bytes.
    #[must_use]
    pub fn enc(&self) -> &[u8] {
        &self.enc
    }

    /// Seals the next message.
    ///
    /// # Errors
    /// [`CryptoError::Open`] after 2^64 messages.
    pub fn seal(&mut self, plaintext: &[u8], aad: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.context
            .seal(plaintext, aad)
            .map_err(|_| CryptoError::Open)
    }

    /// A secret that both sides of the context have (RFC 9180 section 5.3).
    #[must_use]
    pub fn export(&self, label: &[u8]) -> SecretArray<32> {
        exported(|out| self.context.export(label, out))
    }
}

/// The receiver's side of an HPKE context. A message that comes twice, or out of its turn, does
/// not open.
pub struct HpkeReceiver(Box<AeadCtxR<ChaCha20Poly1305, HkdfSha256, XWing>>);

impl HpkeReceiver {
    /// Takes up the context that an [`HpkeSender`] set up for these keys under the same `info`.
    ///
    /// # Errors
    /// [`CryptoError::Open`] if `enc` is no encapsulated key. One that was made for another key or
    /// `info` shows at the first message.
    pub fn new(keys: &KemKeyPair, enc: &[u8], info: &[u8]) -> Result<Self, CryptoError> {
        let enc = <XWing as hpke::Kem>::EncappedKey::from_bytes(enc);
        let enc = enc.map_err(|_| CryptoError::Open)?;
        let context = setup_receiver(&OpModeR::Base, keys.private(), &enc, info);
        context
            .map(|context| Self(Box::new(context)))
            .map_err(|_| CryptoError::Open)
    }

    /// Opens the next message. What does not open does not count: the one that was expected may
    /// still come.
    ///
    /// # Errors
    /// [`CryptoError::Open`].
    pub fn open(&mut self, sealed: &[u8], aad: &[u8]) -> Result<SecretBytes, CryptoError> {
        self.0
            .open(sealed, aad)
            .map(SecretBytes::new)
            .map_err(|_| CryptoError::Open)
    }

    /// A secret that both sides of the context have (RFC 9180 section 5.3).
    #[must_use]
    pub fn export(&self, label: &[u8]) -> SecretArray<32> {
        exported(|out| self.0.export(label, out))
    }
}

fn exported(export: impl FnOnce(&mut [u8]) -> Result<(), hpke::HpkeError>) -> SecretArray<32> {
    SecretArray::fill_with(|out| {
        export(out).expect("32 bytes are within the limit of RFC 9180 section 5.3");
    })
}

impl fmt::Debug for HpkeSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HpkeSender")
    }
}

impl fmt::Debug for HpkeReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HpkeReceiver")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os_rng;

    #[test]
    fn messages_open_once_and_in_order() {
        let rng = &mut os_rng();
        let keys = KemKeyPair::generate(rng);
        let mut sender = HpkeSender::new(keys.public(), b"info", rng).unwrap();
        let mut receiver = HpkeReceiver::new(&keys, sender.enc(), b"info").unwrap();
        let (one, two) = (sender.seal(b"one", b""), sender.seal(b"two", b""));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(receiver.open(&two, b""), Err(CryptoError::Open));
        assert_eq!(receiver.open(&one, b"").unwrap().expose(), b"one");
        assert_eq!(receiver.open(&one, b""), Err(CryptoError::Open));
        assert_eq!(receiver.open(&two, b"").unwrap().expose(), b"two");
        let exported = receiver.export(b"label");
        assert_eq!(exported.expose(), sender.export(b"label").expose());
        assert_ne!(exported.expose(), sender.export(b"other").expose());
    }

    #[test]
    fn another_info_or_key_opens_nothing() {
        let rng = &mut os_rng();
        let (keys, other) = (KemKeyPair::generate(rng), KemKeyPair::generate(rng));
        let mut sender = HpkeSender::new(keys.public(), b"info", rng).unwrap();
        let sealed = sender.seal(b"one", b"").unwrap();
        for (keys, info) in [(&keys, b"inf0"), (&other, b"info")] {
            let mut receiver = HpkeReceiver::new(keys, sender.enc(), info).unwrap();
            assert_eq!(receiver.open(&sealed, b""), Err(CryptoError::Open));
        }
        assert!(HpkeReceiver::new(&keys, &sender.enc()[1..], b"info").is_err());
    }
}
