use std::arch::asm;
use std::arch::x86_64::{
    __m512i, __mmask8, _mm512_cmpeq_epi64_mask, _mm512_cmpgt_epu64_mask, _mm512_or_si512,
    _mm512_permutex_epi64, _mm512_permutex2var_epi64, _mm512_set1_epi64, _mm512_setr_epi64,
    _mm512_shuffle_i64x2, _mm512_test_epi64_mask, _mm512_unpackhi_epi64, _mm512_unpacklo_epi64,
    _mm512_xor_si512,
};

use super::pair::store_pair;
use crate::kernel::vector::{Kernel, Line, plain_words};

/// Having one tells you that the processor has AVX-512 F, BW, DQ, VL and CD.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx512(());

impl Avx512 {
    /// # Safety
    /// The processor has the features.
    #[inline(always)]
    pub(crate) unsafe fn new() -> Self {
        Self(())
    }
}

/// Calls functions that need AVX-512. What is more than a few instructions is no such function,
/// which could not always be inlined, but calls them so.
macro_rules! avx512 {
    ($call:expr) => {
        // SAFETY: an `Avx512` exists only where the processor has the features.
        unsafe { $call }
    };
}

impl Kernel for Avx512 {
    type V = __m512i;
    type M = __mmask8;

    plain_words!();

    #[inline(always)]
    fn load(self, from: &Line) -> __m512i {
        avx512!(load(from))
    }

    #[inline(always)]
    fn store(self, to: &mut Line, v: __m512i) {
        avx512!(store(to, v));
    }

    #[inline(always)]
    fn store_pairs(self, [a, b]: &mut [Line; 2], v: __m512i, number: u64) {
        let (low, high) = pairs(v, avx512!(_mm512_set1_epi64(number.cast_signed())));
        self.store(a, low);
        self.store(b, high);
    }

    #[inline(always)]
    fn load_pairs(self, [a, b]: &[Line; 2]) -> __m512i {
        firsts(self.load(a), self.load(b))
    }

    #[inline(always)]
    fn store_pair(self, to: &mut [u64; 2], word: u64, number: u64) {
        store_pair(to, word, number);
    }

    #[inline(always)]
    fn splat(self, word: u64) -> __m512i {
        avx512!(_mm512_set1_epi64(word.cast_signed()))
    }

    #[inline(always)]
    fn or(self, a: __m512i, b: __m512i) -> __m512i {
        avx512!(_mm512_or_si512(a, b))
    }

    #[inline(always)]
    fn xor(self, a: __m512i, b: __m512i) -> __m512i {
        avx512!(_mm512_xor_si512(a, b))
    }

    #[inline(always)]
    fn eq(self, a: __m512i, b: __m512i) -> __mmask8 {
        avx512!(_mm512_cmpeq_epi64_mask(a, b))
    }

    #[inline(always)]
    fn gt(self, a: __m512i, b: __m512i) -> __mmask8 {
        avx512!(_mm512_cmpgt_epu64_mask(a, b))
    }

    #[inline(always)]
    fn test(self, a: __m512i, b: __m512i) -> __mmask8 {
        avx512!(_mm512_test_epi64_mask(a, b))
    }

    #[inline(always)]
    fn select(self, m: __mmask8, yes: __m512i, no: __m512i) -> __m512i {
        avx512!(select(m, yes, no))
    }

    #[inline(always)]
    fn cross<const J: usize>(self, v: __m512i) -> __m512i {
        avx512!(cross::<J>(v))
    }

    #[inline(always)]
    fn bits(self, m: __mmask8) -> u8 {
        m
    }

    #[inline(always)]
    fn mask(self, bits: u8) -> __mmask8 {
        bits
    }

    #[inline(always)]
    fn fold(self, v: [__m512i; 8]) -> __m512i {
        fold(v)
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(from: &Line) -> __m512i {
    let v: __m512i;
    // SAFETY: reads the 64 bytes behind a reference.
    unsafe {
        asm!("vmovdqu64 {v}, zmmword ptr [{p}]", v = out(zmm_reg) v, p = in(reg) from,
            options(pure, readonly, nostack, preserves_flags));
    }
    v
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(to: &mut Line, v: __m512i) {
    // SAFETY: writes the 64 bytes behind a reference.
    unsafe {
        asm!("vmovdqu64 zmmword ptr [{p}], {v}", v = in(zmm_reg) v, p = in(reg) to,
            options(nostack, preserves_flags));
    }
}

/// In `asm!` too: of a choice that it can see, and a store, the compiler makes a masked store,
/// even to its own stack.
#[inline]
#[target_feature(enable = "avx512f")]
fn select(m: __mmask8, yes: __m512i, no: __m512i) -> __m512i {
    let v: __m512i;
    // SAFETY: an instruction on registers.
    unsafe {
        asm!("vpblendmq {v}{{{m}}}, {no}, {yes}", v = lateout(zmm_reg) v, m = in(kreg) m,
            no = in(zmm_reg) no, yes = in(zmm_reg) yes,
            options(pure, nomem, nostack, preserves_flags));
    }
    v
}

#[inline]
#[target_feature(enable = "avx512f")]
fn cross<const J: usize>(v: __m512i) -> __m512i {
    match J {
        1 => _mm512_permutex_epi64::<0b10_11_00_01>(v),
        2 => _mm512_permutex_epi64::<0b01_00_11_10>(v),
        _ => _mm512_shuffle_i64x2::<0b01_00_11_10>(v, v),
    }
}

/// Each lane of `v` followed by one of `n`.
#[inline(always)]
fn pairs(v: __m512i, n: __m512i) -> (__m512i, __m512i) {
    (
        pick(v, [0, 8, 1, 9, 2, 10, 3, 11], n),
        pick(v, [4, 12, 5, 13, 6, 14, 7, 15], n),
    )
}

/// Every other lane.
#[inline(always)]
fn firsts(a: __m512i, b: __m512i) -> __m512i {
    pick(a, [0, 2, 4, 6, 8, 10, 12, 14], b)
}

/// Lanes by their numbers: of `a` below 8, of `b` from there on.
#[inline(always)]
fn pick(a: __m512i, lanes: [i64; 8], b: __m512i) -> __m512i {
    let [c, d, e, f, g, h, i, j] = lanes;
    avx512!(_mm512_permutex2var_epi64(
        a,
        _mm512_setr_epi64(c, d, e, f, g, h, i, j),
        b
    ))
}

/// A transposition, or-ed on the way: after each of three steps half as many vectors are left.
#[inline(always)]
fn fold([a, b, c, d, e, f, g, h]: [__m512i; 8]) -> __m512i {
    let (ab, cd) = (fold1(a, b), fold1(c, d));
    let (ef, gh) = (fold1(e, f), fold1(g, h));
    let (abcd, efgh) = (fold2(ab, cd), fold2(ef, gh));
    avx512!(_mm512_or_si512(
        pick(abcd, [0, 1, 2, 3, 8, 9, 10, 11], efgh),
        pick(abcd, [4, 5, 6, 7, 12, 13, 14, 15], efgh),
    ))
}

/// Even lanes: `a`, odd lanes: `b`.
#[inline(always)]
fn fold1(a: __m512i, b: __m512i) -> __m512i {
    avx512!(_mm512_or_si512(
        _mm512_unpacklo_epi64(a, b),
        _mm512_unpackhi_epi64(a, b)
    ))
}

/// In each half: two lanes of `a`, two of `b`.
#[inline(always)]
fn fold2(a: __m512i, b: __m512i) -> __m512i {
    avx512!(_mm512_or_si512(
        pick(a, [0, 1, 8, 9, 4, 5, 12, 13], b),
        pick(a, [2, 3, 10, 11, 6, 7, 14, 15], b),
    ))
}
