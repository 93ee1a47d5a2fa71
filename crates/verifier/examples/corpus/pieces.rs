//! How tools keep parts of Evidence in files of their own.

use adyton_codec::base64_decode;

/// A quote of a TPM as the tools for Azure's machines keep it.
pub(crate) struct Bincode {
    pub(crate) signature: Vec<u8>,
    pub(crate) message: Vec<u8>,
    pub(crate) pcrs: Vec<Vec<u8>>,
}

/// Each part stands behind its length in eight bytes; values are of the SHA-256 bank.
pub(crate) fn bincode(bytes: &[u8]) -> Option<Bincode> {
    let mut rest = bytes;
    let mut part = |unit: usize| {
        let (len, tail) = rest.split_first_chunk()?;
        let len = usize::try_from(u64::from_le_bytes(*len)).ok()?;
        let (part, tail) = tail.split_at_checked(len.checked_mul(unit)?)?;
        rest = tail;
        Some(part.to_vec())
    };
    Some(Bincode {
        signature: part(1)?,
        message: part(1)?,
        pcrs: part(32)?.chunks(32).map(<[u8]>::to_vec).collect(),
    })
}

/// What is in the first block of a PEM file, whatever its lines.
pub(crate) fn pem_body(text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (_, inside) = rest.split_once("-----")?;
    let (inside, _) = inside.split_once("-----END")?;
    let packed: String = inside.split_ascii_whitespace().collect();
    base64_decode(&packed).ok()
}
