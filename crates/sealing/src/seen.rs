//! Which chunks a reader has seen, so that it notices when one is exchanged for another.

use std::collections::BTreeMap;

use adyton_crypto::{CryptoRng, random};
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};

use crate::chunk::TAG;

/// A short mark of each chunk that was read, under a key that nobody else has.
///
/// The chunks' own tags would not do: they are under the payload's key, and whoever knows that
/// makes another chunk with the same tag in no time. A digest would do, at the price of a second
/// SHA-256 over everything.
pub(crate) struct SeenChunks {
    key: ChaCha20Poly1305,
    marks: BTreeMap<u64, [u8; TAG]>,
}

impl SeenChunks {
    pub(crate) fn new(rng: &mut impl CryptoRng) -> Self {
        Self {
            key: ChaCha20Poly1305::new(random::<32>(rng).expose().into()),
            marks: BTreeMap::new(),
        }
    }

    /// The mark of a sealed chunk: Poly1305 under a key for this place. It is never shown, so
    /// that marking two chunks of one place under it tells nobody anything.
    pub(crate) fn mark(&self, index: u64, sealed: &[u8]) -> [u8; TAG] {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&index.to_be_bytes());
        let mut nothing = [];
        self.key
            .encrypt_inout_detached(&nonce.into(), sealed, nothing.as_mut_slice().into())
            .expect("a chunk is shorter than the cipher's limit")
            .into()
    }

    /// Whether this is the first chunk of this place, or the same as the first.
    #[must_use]
    pub(crate) fn is_same(&mut self, index: u64, mark: [u8; TAG]) -> bool {
        *self.marks.entry(index).or_insert(mark) == mark
    }
}

#[cfg(test)]
mod tests {
    use adyton_crypto::os_rng;

    use super::*;

    #[test]
    fn marks_differ_by_chunk_place_and_key() {
        let mut seen = SeenChunks::new(&mut os_rng());
        let other = SeenChunks::new(&mut os_rng());
        let mark = seen.mark(0, b"one");
        assert_eq!(mark, seen.mark(0, b"one"));
        assert_ne!(mark, seen.mark(0, b"two"));
        assert_ne!(mark, seen.mark(1, b"one"));
        assert_ne!(mark, other.mark(0, b"one"));

        assert!(seen.is_same(0, mark));
        assert!(seen.is_same(1, seen.mark(1, b"one")));
        assert!(seen.is_same(0, mark));
        assert!(!seen.is_same(0, seen.mark(0, b"two")));
        assert!(seen.is_same(0, mark));
    }
}
