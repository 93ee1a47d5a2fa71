//! The payload's chunks (C2SP `age.md`, section "Payload").

use std::fmt;

use adyton_crypto::{SecretArray, hkdf_sha256};
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};

/// Plaintext of a full chunk.
pub(crate) const CHUNK: usize = 64 * 1024;
/// Authentication tag behind every chunk.
pub(crate) const TAG: usize = 16;
/// A full chunk as it is in the file.
pub(crate) const SEALED_CHUNK: usize = CHUNK + TAG;
/// The payload's own nonce, before the first chunk.
pub(crate) const PAYLOAD_NONCE: usize = 16;

/// The key of one payload.
pub(crate) struct PayloadKey(ChaCha20Poly1305);

impl PayloadKey {
    /// `HKDF-SHA-256(ikm = file key, salt = nonce, info = "payload")`.
    pub(crate) fn derive(file_key: &SecretArray<16>, nonce: &[u8; PAYLOAD_NONCE]) -> Self {
        let key = hkdf_sha256::<32>(file_key.expose(), nonce, &[b"payload"]);
        Self(ChaCha20Poly1305::new(key.expose().into()))
    }

    /// Encrypts a chunk in place, and gives its tag.
    pub(crate) fn seal(&self, index: u64, last: bool, chunk: &mut [u8]) -> [u8; TAG] {
        self.0
            .encrypt_inout_detached(&nonce(index, last).into(), &[], chunk.into())
            .expect("a chunk is shorter than the cipher's 256 GiB")
            .into()
    }

    /// Decrypts a chunk in place; leaves it as it was, and says `false`, if the tag is not its.
    #[must_use]
    pub(crate) fn open(&self, index: u64, last: bool, chunk: &mut [u8], tag: [u8; TAG]) -> bool {
        self.0
            .decrypt_inout_detached(&nonce(index, last).into(), &[], chunk.into(), &tag.into())
            .is_ok()
    }
}

impl fmt::Debug for PayloadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PayloadKey")
    }
}

/// 11 bytes of big-endian counter, then 1 for the last chunk and 0 for the others.
fn nonce(index: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&index.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce
}
