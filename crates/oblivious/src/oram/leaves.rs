use adyton_crypto::{CryptoRng, SecretArray, random};
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Block};
use zeroize::Zeroizing;

use crate::shape::little_endian;

/// Words drawn in one go.
const AT_ONCE: usize = 64;
/// Words that one access draws at most: two for each tree.
const ACCESS: usize = 24;

/// Random leaves: AES-128 in counter mode (NIST SP 800-38A), from a seed of its own.
pub(super) struct Leaves {
    cipher: Aes128,
    words: Zeroizing<[u64; AT_ONCE]>,
    counter: u64,
    left: usize,
}

impl Leaves {
    pub(super) fn new(rng: &mut impl CryptoRng) -> Self {
        let key: SecretArray<16> = random(rng);
        Self {
            cipher: Aes128::new(&Array(*key.expose())),
            words: Zeroizing::new([0; AT_ONCE]),
            counter: 0,
            left: 0,
        }
    }

    /// Draws what the next access needs.
    pub(super) fn prepare(&mut self) {
        if self.left >= ACCESS {
            return;
        }
        let mut blocks: [Block; AT_ONCE / 2] =
            std::array::from_fn(|i| Array(u128::from(self.counter + i as u64).to_le_bytes()));
        self.counter += blocks.len() as u64;
        self.cipher.encrypt_blocks(&mut blocks);
        for (pair, block) in self.words.chunks_exact_mut(2).zip(&blocks) {
            pair[0] = little_endian(&block.0[..8]);
            pair[1] = little_endian(&block.0[8..]);
        }
        self.left = AT_ONCE;
    }

    /// A leaf of a tree with `2^bits` of them.
    #[inline(always)]
    pub(super) fn draw(&mut self, bits: u32) -> u64 {
        self.left -= 1;
        self.words[self.left] >> (64 - bits)
    }
}
