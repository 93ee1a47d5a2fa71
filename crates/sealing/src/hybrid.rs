//! The recipient stanza `mlkem768x25519` of age 1.3 (C2SP `age.md`): HPKE base mode with X-Wing
//! (0x647a), HKDF-SHA256, ChaCha20Poly1305, the info below and empty aad.
//!
//! ```text
//! -> mlkem768x25519 <base64 of enc, 1,120 bytes>
//! <base64 of the ciphertext, 32 bytes>
//! ```

use adyton_crypto::{CryptoError, CryptoRng, KemKeyPair, KemPublicKey, Sealed, hpke_seal};
use age_core::format::{FILE_KEY_BYTES, FileKey, Stanza};
use age_core::secrecy::ExposeSecret as _;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;

/// The stanza's first argument.
const TAG: &str = "mlkem768x25519";
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
/// Length of X-Wing's encapsulated key.
const ENC_BYTES: usize = 1120;
/// A file key and its tag. Nothing longer is ever decrypted, so that no ciphertext can be made
/// that opens under many keys.
const BODY_BYTES: usize = FILE_KEY_BYTES + 16;

/// Wraps a file key.
pub(crate) fn wrap(
    key: &KemPublicKey,
    file_key: &FileKey,
    rng: &mut impl CryptoRng,
) -> Result<Stanza, CryptoError> {
    let sealed = hpke_seal(key, file_key.expose_secret(), INFO, b"", rng)?;
    Ok(Stanza {
        tag: TAG.to_owned(),
        args: vec![BASE64.encode(&sealed.enc)],
        body: sealed.ciphertext,
    })
}

/// Unwraps a file key: `None` if the stanza is of another type or for another key, an error if it
/// is of this type and not well-formed.
pub(crate) fn unwrap(
    keys: &KemKeyPair,
    stanza: &Stanza,
) -> Option<Result<FileKey, age::DecryptError>> {
    if stanza.tag != TAG {
        return None;
    }
    let malformed = Some(Err(age::DecryptError::InvalidHeader));
    let [enc] = stanza.args.as_slice() else {
        return malformed;
    };
    let Ok(enc) = BASE64.decode(enc) else {
        return malformed;
    };
    if enc.len() != ENC_BYTES || stanza.body.len() != BODY_BYTES {
        return malformed;
    }
    let ciphertext = stanza.body.clone();
    let opened = keys.open(&Sealed { enc, ciphertext }, INFO, b"").ok()?;
    Some(Ok(FileKey::init_with_mut(|key| {
        key.copy_from_slice(opened.expose());
    })))
}
