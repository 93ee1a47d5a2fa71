use std::ptr;

use super::barrier::{Choice, less};
use super::hide::hide;
use super::vector::{Kernel, Line, each, plain_words};

/// Word by word, for every processor, and for valgrind, which knows no AVX-512.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

impl Kernel for Portable {
    type V = [u64; 8];
    type M = [u64; 8];

    plain_words!();

    #[inline(always)]
    fn load(self, from: &Line) -> Self::V {
        each(|i| {
            let word: *const u64 = &raw const from[i];
            // SAFETY: a word behind a reference; volatile, so that it is read whatever the mask is.
            unsafe { ptr::read_volatile(word) }
        })
    }

    #[inline(always)]
    fn store(self, to: &mut Line, v: Self::V) {
        for (to, word) in to.iter_mut().zip(v) {
            let to: *mut u64 = to;
            // SAFETY: a word behind a reference; volatile, so that it is written whatever the mask is.
            unsafe { ptr::write_volatile(to, word) };
        }
    }

    #[inline(always)]
    fn store_pairs(self, to: &mut [Line; 2], v: Self::V, number: u64) {
        let (pairs, _) = to.as_flattened_mut().as_chunks_mut();
        for (pair, word) in pairs.iter_mut().zip(v) {
            self.store_pair(pair, word, number);
        }
    }

    #[inline(always)]
    fn load_pairs(self, [a, b]: &[Line; 2]) -> Self::V {
        let (a, b) = (self.load(a), self.load(b));
        [a[0], a[2], a[4], a[6], b[0], b[2], b[4], b[6]]
    }

    /// Words are written one at a time here. With the number in both places in between, every state
    /// of the pair is new.
    #[inline(always)]
    fn store_pair(self, [first, second]: &mut [u64; 2], word: u64, number: u64) {
        let (first, second): (*mut u64, *mut u64) = (first, second);
        // SAFETY: a word behind a reference; volatile, so that all three are written in this order.
        unsafe { ptr::write_volatile(first, number) };
        // SAFETY: as above.
        unsafe { ptr::write_volatile(second, number) };
        // SAFETY: as above.
        unsafe { ptr::write_volatile(first, word) };
    }

    #[inline(always)]
    fn splat(self, word: u64) -> Self::V {
        [word; 8]
    }

    #[inline(always)]
    fn or(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] | b[i])
    }

    #[inline(always)]
    fn xor(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| a[i] ^ b[i])
    }

    #[inline(always)]
    fn eq(self, a: Self::V, b: Self::V) -> Self::M {
        each(|i| Choice::eq(a[i], b[i]).word())
    }

    #[inline(always)]
    fn gt(self, a: Self::V, b: Self::V) -> Self::M {
        each(|i| less(b[i], a[i]).word())
    }

    #[inline(always)]
    fn test(self, a: Self::V, b: Self::V) -> Self::M {
        each(|i| Choice::eq(a[i] & b[i], 0).not().word())
    }

    #[inline(always)]
    fn select(self, m: Self::M, yes: Self::V, no: Self::V) -> Self::V {
        each(|i| no[i] ^ (hide(m[i]) & (yes[i] ^ no[i])))
    }

    #[inline(always)]
    fn cross<const J: usize>(self, v: Self::V) -> Self::V {
        each(|i| v[i ^ J])
    }

    #[inline(always)]
    fn bits(self, m: Self::M) -> u8 {
        let [a, b, c, d, e, f, g, h] = m;
        let word = a & 1 | b & 2 | c & 4 | d & 8 | e & 16 | f & 32 | g & 64 | h & 128;
        word.to_le_bytes()[0]
    }

    #[inline(always)]
    fn mask(self, bits: u8) -> Self::M {
        each(|i| hide(0_u64.wrapping_sub(u64::from(bits) >> i & 1)))
    }

    #[inline(always)]
    fn fold(self, v: [Self::V; 8]) -> Self::V {
        let all = |i: usize| {
            let [a, b, c, d, e, f, g, h] = v[i];
            a | b | c | d | e | f | g | h
        };
        each(all)
    }
}
