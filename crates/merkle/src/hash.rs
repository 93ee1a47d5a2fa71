use adyton_crypto::sha256;
use adyton_types::Sha256Digest;

/// Hash of an entry: `SHA-256(0x00 ‖ entry)` (RFC 6962 section 2.1).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Sha256Digest {
    Sha256Digest::new(sha256(&[&[0], entry]))
}

/// Hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)` (RFC 6962 section 2.1).
#[must_use]
pub fn node_hash(left: &Sha256Digest, right: &Sha256Digest) -> Sha256Digest {
    Sha256Digest::new(sha256(&[&[1], left.as_bytes(), right.as_bytes()]))
}

/// Root of the tree without entries: `SHA-256("")` (RFC 6962 section 2.1).
#[must_use]
pub fn empty_root() -> Sha256Digest {
    Sha256Digest::new(sha256(&[]))
}
