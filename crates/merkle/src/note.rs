use adyton_codec::{base64_decode, base64_encode};
use adyton_crypto::{SIGNATURE_BYTES, SigningKey, VerifyingKey, sha256};

use crate::{MerkleError, Origin};

/// The most bytes that a signed note may have: a checkpoint with a signature takes under 600, and
/// cosignatures of witnesses about 150 each.
pub const MAX_NOTE_BYTES: usize = 16 * 1024;

/// The most signature lines that are looked at (C2SP `signed-note`, "Signatures").
const MAX_SIGNATURES: usize = 64;

/// Signature type of Ed25519 (C2SP `signed-note`, "Signature types").
pub(crate) const ED25519: u8 = 0x01;

/// Key id: the first 4 bytes of `SHA-256(name ‖ "\n" ‖ type ‖ public key)`.
pub(crate) fn key_id(name: &Origin, key: &VerifyingKey) -> [u8; 4] {
    let digest = sha256(&[name.as_str().as_bytes(), b"\n", &[ED25519], &key.to_bytes()]);
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

/// Signs a text, which ends with a newline, as a note.
pub(crate) fn sign(text: &str, name: &Origin, key: &SigningKey) -> String {
    let id = key_id(name, &key.verifying_key());
    let signature = key.sign(text.as_bytes());
    let line = base64_encode(&[id.as_slice(), &signature].concat());
    format!("{text}\n\u{2014} {name} {line}\n")
}

/// Opens a note: its text, if the key has signed it. Signatures of other keys are ignored, as C2SP
/// demands; more than one signature of this key is refused.
pub(crate) fn open<'a>(
    note: &'a str,
    name: &Origin,
    key: &VerifyingKey,
) -> Result<&'a str, MerkleError> {
    let malformed = |why| MerkleError::NoteFormat { why };
    if note.len() > MAX_NOTE_BYTES {
        return Err(malformed("longer than 16 KiB"));
    }
    if note.chars().any(|c| c.is_ascii_control() && c != '\n') {
        return Err(malformed("holds a control character"));
    }
    let (text, signatures) = note
        .rsplit_once("\n\n")
        .ok_or_else(|| malformed("no blank line before the signatures"))?;
    let text = note
        .get(..text.len().saturating_add(1))
        .ok_or_else(|| malformed("no text"))?;
    let signatures = signatures
        .strip_suffix('\n')
        .ok_or_else(|| malformed("does not end with a newline"))?;
    let mut found = None;
    for (count, line) in signatures.split('\n').enumerate() {
        if count >= MAX_SIGNATURES {
            return Err(malformed("more than 64 signatures"));
        }
        let (signer, bytes) = signature_line(line)
            .ok_or_else(|| malformed("a signature line is not `— name base64`"))?;
        let (id, signature) = bytes
            .split_first_chunk::<4>()
            .ok_or_else(|| malformed("a signature is shorter than a key id"))?;
        let ours = signer == name.as_str() && *id == key_id(name, key);
        if ours && found.replace(signature.to_vec()).is_some() {
            return Err(malformed("one key has signed twice"));
        }
    }
    let signature = found.ok_or(MerkleError::NoteUnsigned)?;
    let signature = <[u8; SIGNATURE_BYTES]>::try_from(signature.as_slice())
        .map_err(|_| MerkleError::NoteSignature)?;
    key.verify(text.as_bytes(), &signature)
        .map_err(|_| MerkleError::NoteSignature)?;
    Ok(text)
}

fn signature_line(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, base64) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    name.parse::<Origin>().ok()?;
    Some((name, base64_decode(base64).ok()?))
}
