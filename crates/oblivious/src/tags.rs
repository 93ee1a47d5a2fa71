//! From keys to tags: what tables are sorted by, and what buckets are cut from.

use adyton_crypto::{CryptoRng, SecretArray, hmac_sha256, random};
use aes::Aes128;
use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use crate::error::ObliviousError;
use crate::shape::{KeyKind, MAX_KEY_BYTES, Shape, little_endian};

/// A key's name in a table: as it came, or hashed. Becomes a tag by a [`TagKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    /// The whole name of a [`KeyKind::Fixed`] key, or half of the fingerprint.
    pub(crate) word: u64,
    /// The other half; zero if there is none.
    pub(crate) check: u64,
}

/// Hashes keys that are too long for a permutation. It stays for as long as the table does.
pub(crate) struct Namer {
    shape: Shape,
    secret: SecretArray<32>,
}

impl Namer {
    pub(crate) fn new(shape: Shape, rng: &mut impl CryptoRng) -> Self {
        Self {
            shape,
            secret: random(rng),
        }
    }

    /// The trace depends on the key's length.
    pub(crate) fn name(&self, key: &[u8]) -> Result<Name, ObliviousError> {
        match self.shape.keys() {
            KeyKind::Fixed(bytes) if key.len() == usize::from(bytes) => Ok(Name {
                word: little_endian(key),
                check: 0,
            }),
            KeyKind::Fixed(bytes) => Err(ObliviousError::KeyLength {
                found: key.len(),
                wanted: usize::from(bytes),
            }),
            KeyKind::Any if key.len() <= MAX_KEY_BYTES => {
                let hash = hmac_sha256(&self.secret, &[key]);
                Ok(Name {
                    word: little_endian(&hash[..8]),
                    check: little_endian(&hash[8..16]),
                })
            }
            KeyKind::Any => Err(ObliviousError::KeyTooLong {
                found: key.len(),
                limit: MAX_KEY_BYTES,
            }),
        }
    }
}

/// Rounds of the Feistel network. Six resist all chosen-plaintext and chosen-ciphertext attacks
/// with far fewer than 2^32 queries (Patarin, CRYPTO 2004, "Security of random Feistel schemes with
/// 5 or more rounds"); two more for a margin.
const ROUNDS: u8 = 8;

/// Names encrypted in one go, so that the processor's AES units are kept busy.
pub(crate) const AT_ONCE: usize = 32;

/// A keyed permutation of names, drawn anew for each epoch.
///
/// Names of one word: a Feistel network over 64 bits with AES-128 as its round function. Names of
/// two words: AES-128 itself.
pub(crate) struct TagKey {
    cipher: Aes128,
    checked: bool,
}

impl TagKey {
    pub(crate) fn new(shape: Shape, rng: &mut impl CryptoRng) -> Self {
        let key: SecretArray<16> = random(rng);
        Self {
            cipher: Aes128::new(&Array(*key.expose())),
            checked: shape.is_checked(),
        }
    }

    /// Names to tags, in place. Time depends on how many there are.
    pub(crate) fn tags(&self, names: &mut [Name]) {
        for names in names.chunks_mut(AT_ONCE) {
            if self.checked {
                self.blocks(names, |blocks| self.cipher.encrypt_blocks(blocks));
            } else {
                for round in 0..ROUNDS {
                    self.round(names, round);
                    swap_halves(names);
                }
                swap_halves(names);
            }
        }
    }

    /// Tags back to names.
    pub(crate) fn names(&self, tags: &mut [Name]) {
        for tags in tags.chunks_mut(AT_ONCE) {
            if self.checked {
                self.blocks(tags, |blocks| self.cipher.decrypt_blocks(blocks));
            } else {
                for round in (0..ROUNDS).rev() {
                    self.round(tags, round);
                    swap_halves(tags);
                }
                swap_halves(tags);
            }
        }
    }

    /// The upper half, exclusive-or a function of the lower half and the round.
    fn round(&self, names: &mut [Name], round: u8) {
        let mut blocks: [aes::Block; AT_ONCE] = [Array([0; 16]); AT_ONCE];
        for (block, name) in blocks.iter_mut().zip(names.iter()) {
            block.0[..8].copy_from_slice(&(name.word & 0xffff_ffff).to_le_bytes());
            block.0[8] = round;
        }
        self.cipher.encrypt_blocks(&mut blocks[..names.len()]);
        for (name, block) in names.iter_mut().zip(&blocks) {
            name.word ^= little_endian(&block.0[..4]) << 32;
        }
    }

    fn blocks(&self, names: &mut [Name], apply: impl Fn(&mut [aes::Block])) {
        let mut blocks: [aes::Block; AT_ONCE] = [Array([0; 16]); AT_ONCE];
        for (block, name) in blocks.iter_mut().zip(names.iter()) {
            block.0[..8].copy_from_slice(&name.word.to_le_bytes());
            block.0[8..].copy_from_slice(&name.check.to_le_bytes());
        }
        apply(&mut blocks[..names.len()]);
        for (name, block) in names.iter_mut().zip(&blocks) {
            name.word = little_endian(&block.0[..8]);
            name.check = little_endian(&block.0[8..]);
        }
    }
}

fn swap_halves(names: &mut [Name]) {
    for name in names {
        name.word = name.word.rotate_left(32);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use adyton_crypto::os_rng;

    use super::*;

    #[test]
    fn tags_are_a_permutation_of_names() {
        for keys in [KeyKind::Fixed(8), KeyKind::Any] {
            let shape = Shape::new(keys, 0).expect("a shape");
            let key = TagKey::new(shape, &mut os_rng());
            let check = u64::from(shape.is_checked());
            let names: Vec<Name> = (0..1000).map(|word| Name { word, check }).collect();
            let mut tags = names.clone();
            key.tags(&mut tags);
            let different: BTreeSet<u64> = tags.iter().map(|tag| tag.word).collect();
            assert_eq!(different.len(), 1000);
            assert!(different.iter().filter(|tag| **tag >> 63 == 1).count() > 400);
            let mut one = [names[77]];
            key.tags(&mut one);
            assert_eq!(one[0], tags[77]);
            key.names(&mut tags);
            assert_eq!(tags, names);
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let shape = Shape::new(KeyKind::Fixed(8), 0).expect("a shape");
        let namer = Namer::new(shape, &mut os_rng());
        let error = ObliviousError::KeyLength {
            found: 7,
            wanted: 8,
        };
        assert_eq!(namer.name(&[0; 7]), Err(error));
        let shape = Shape::new(KeyKind::Any, 0).expect("a shape");
        let namer = Namer::new(shape, &mut os_rng());
        assert!(namer.name(&[0; 255]).is_ok() && namer.name(&[0; 256]).is_err());
    }
}
