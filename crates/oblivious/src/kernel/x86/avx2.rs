use std::arch::asm;
use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_blendv_epi8, _mm256_castsi256_pd, _mm256_cmpeq_epi64,
    _mm256_cmpgt_epi64, _mm256_movemask_pd, _mm256_or_si256, _mm256_permute2x128_si256,
    _mm256_permute4x64_epi64, _mm256_set1_epi64x, _mm256_setr_epi64x, _mm256_setzero_si256,
    _mm256_unpackhi_epi64, _mm256_unpacklo_epi64, _mm256_xor_si256,
};

use super::pair::store_pair;
use crate::kernel::vector::{Kernel, Line, plain_words};

/// Having one tells you that the processor has AVX2.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx2 {
    /// # Safety
    /// The processor has the features.
    #[inline(always)]
    pub(crate) unsafe fn new() -> Self {
        Self(())
    }
}

/// Lanes 0 to 3, lanes 4 to 7.
type Pair = [__m256i; 2];

/// Calls functions that need AVX2. What is more than a few instructions is no such function, which
/// could not always be inlined, but calls them so.
macro_rules! avx2 {
    ($call:expr) => {
        // SAFETY: an `Avx2` exists only where the processor has the features.
        unsafe { $call }
    };
}

impl Kernel for Avx2 {
    type V = Pair;
    type M = Pair;

    plain_words!();

    #[inline(always)]
    fn load(self, from: &Line) -> Pair {
        avx2!(load(from))
    }

    #[inline(always)]
    fn store(self, to: &mut Line, v: Pair) {
        avx2!(store(to, v));
    }

    #[inline(always)]
    fn store_pairs(self, [a, b]: &mut [Line; 2], v: Pair, number: u64) {
        let [low, high] = pairs(v, avx2!(_mm256_set1_epi64x(number.cast_signed())));
        self.store(a, low);
        self.store(b, high);
    }

    #[inline(always)]
    fn load_pairs(self, [a, b]: &[Line; 2]) -> Pair {
        firsts(self.load(a), self.load(b))
    }

    #[inline(always)]
    fn store_pair(self, to: &mut [u64; 2], word: u64, number: u64) {
        store_pair(to, word, number);
    }

    #[inline(always)]
    fn splat(self, word: u64) -> Pair {
        [avx2!(_mm256_set1_epi64x(word.cast_signed())); 2]
    }

    #[inline(always)]
    fn or(self, a: Pair, b: Pair) -> Pair {
        avx2!(or(a, b))
    }

    #[inline(always)]
    fn xor(self, a: Pair, b: Pair) -> Pair {
        avx2!(xor(a, b))
    }

    #[inline(always)]
    fn eq(self, a: Pair, b: Pair) -> Pair {
        avx2!(eq(a, b))
    }

    #[inline(always)]
    fn gt(self, a: Pair, b: Pair) -> Pair {
        avx2!(gt(a, b))
    }

    #[inline(always)]
    fn test(self, a: Pair, b: Pair) -> Pair {
        avx2!(test(a, b))
    }

    #[inline(always)]
    fn select(self, m: Pair, yes: Pair, no: Pair) -> Pair {
        avx2!(select(m, yes, no))
    }

    #[inline(always)]
    fn cross<const J: usize>(self, v: Pair) -> Pair {
        avx2!(cross::<J>(v))
    }

    #[inline(always)]
    fn bits(self, m: Pair) -> u8 {
        avx2!(bits(m))
    }

    #[inline(always)]
    fn mask(self, bits: u8) -> Pair {
        avx2!(mask(bits))
    }

    #[inline(always)]
    fn fold(self, v: [Pair; 8]) -> Pair {
        fold(v)
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(from: &Line) -> Pair {
    let (a, b): (__m256i, __m256i);
    // SAFETY: reads the 64 bytes behind a reference.
    unsafe {
        asm!("vmovdqu {a}, ymmword ptr [{p}]", "vmovdqu {b}, ymmword ptr [{p} + 32]",
            a = out(ymm_reg) a, b = lateout(ymm_reg) b, p = in(reg) from,
            options(pure, readonly, nostack, preserves_flags));
    }
    [a, b]
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(to: &mut Line, [a, b]: Pair) {
    // SAFETY: writes the 64 bytes behind a reference.
    unsafe {
        asm!("vmovdqu ymmword ptr [{p}], {a}", "vmovdqu ymmword ptr [{p} + 32], {b}",
            a = in(ymm_reg) a, b = in(ymm_reg) b, p = in(reg) to,
            options(nostack, preserves_flags));
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn or(a: Pair, b: Pair) -> Pair {
    [_mm256_or_si256(a[0], b[0]), _mm256_or_si256(a[1], b[1])]
}

#[inline]
#[target_feature(enable = "avx2")]
fn xor(a: Pair, b: Pair) -> Pair {
    [_mm256_xor_si256(a[0], b[0]), _mm256_xor_si256(a[1], b[1])]
}

#[inline]
#[target_feature(enable = "avx2")]
fn eq(a: Pair, b: Pair) -> Pair {
    [
        _mm256_cmpeq_epi64(a[0], b[0]),
        _mm256_cmpeq_epi64(a[1], b[1]),
    ]
}

/// The instruction compares signed words.
#[inline]
#[target_feature(enable = "avx2")]
fn gt(a: Pair, b: Pair) -> Pair {
    let sign = _mm256_set1_epi64x(i64::MIN);
    let signed = |x| _mm256_xor_si256(x, sign);
    [
        _mm256_cmpgt_epi64(signed(a[0]), signed(b[0])),
        _mm256_cmpgt_epi64(signed(a[1]), signed(b[1])),
    ]
}

#[inline]
#[target_feature(enable = "avx2")]
fn test(a: Pair, b: Pair) -> Pair {
    let ones = _mm256_set1_epi64x(-1);
    let zero = _mm256_setzero_si256();
    let none = [
        _mm256_cmpeq_epi64(_mm256_and_si256(a[0], b[0]), zero),
        _mm256_cmpeq_epi64(_mm256_and_si256(a[1], b[1]), zero),
    ];
    [
        _mm256_xor_si256(none[0], ones),
        _mm256_xor_si256(none[1], ones),
    ]
}

#[inline]
#[target_feature(enable = "avx2")]
fn select(m: Pair, yes: Pair, no: Pair) -> Pair {
    [
        _mm256_blendv_epi8(no[0], yes[0], m[0]),
        _mm256_blendv_epi8(no[1], yes[1], m[1]),
    ]
}

#[inline]
#[target_feature(enable = "avx2")]
fn cross<const J: usize>([a, b]: Pair) -> Pair {
    match J {
        1 => [
            _mm256_permute4x64_epi64::<0b10_11_00_01>(a),
            _mm256_permute4x64_epi64::<0b10_11_00_01>(b),
        ],
        2 => [
            _mm256_permute4x64_epi64::<0b01_00_11_10>(a),
            _mm256_permute4x64_epi64::<0b01_00_11_10>(b),
        ],
        _ => [b, a],
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn bits([a, b]: Pair) -> u8 {
    let low = _mm256_movemask_pd(_mm256_castsi256_pd(a));
    let high = _mm256_movemask_pd(_mm256_castsi256_pd(b));
    (low | high << 4).to_le_bytes()[0]
}

#[inline]
#[target_feature(enable = "avx2")]
fn mask(bits: u8) -> Pair {
    let all = _mm256_set1_epi64x(i64::from(bits));
    let (low, high) = (
        _mm256_setr_epi64x(1, 2, 4, 8),
        _mm256_setr_epi64x(16, 32, 64, 128),
    );
    [
        _mm256_cmpeq_epi64(_mm256_and_si256(all, low), low),
        _mm256_cmpeq_epi64(_mm256_and_si256(all, high), high),
    ]
}

/// Each lane of `v` followed by one of `n`.
#[inline(always)]
fn pairs(v: Pair, n: __m256i) -> [Pair; 2] {
    [pairs_of(v[0], n), pairs_of(v[1], n)]
}

#[inline(always)]
fn pairs_of(v: __m256i, n: __m256i) -> Pair {
    // Unpacking works on halves of a vector: of lanes 0, 2, 1, 3 it makes pairs in order.
    let v = in_order(v);
    [
        avx2!(_mm256_unpacklo_epi64(v, n)),
        avx2!(_mm256_unpackhi_epi64(v, n)),
    ]
}

/// Every other lane.
#[inline(always)]
fn firsts(a: Pair, b: Pair) -> Pair {
    [
        in_order(avx2!(_mm256_unpacklo_epi64(a[0], a[1]))),
        in_order(avx2!(_mm256_unpacklo_epi64(b[0], b[1]))),
    ]
}

/// Exchanges the two lanes in the middle.
#[inline(always)]
fn in_order(v: __m256i) -> __m256i {
    avx2!(_mm256_permute4x64_epi64::<0b11_01_10_00>(v))
}

#[inline(always)]
fn fold([a, b, c, d, e, f, g, h]: [Pair; 8]) -> Pair {
    [fold4([a, b, c, d]), fold4([e, f, g, h])]
}

#[inline(always)]
fn fold4([a, b, c, d]: [Pair; 4]) -> __m256i {
    let (ab, cd) = (fold2(half(a), half(b)), fold2(half(c), half(d)));
    avx2!(_mm256_or_si256(
        _mm256_permute2x128_si256::<0x20>(ab, cd),
        _mm256_permute2x128_si256::<0x31>(ab, cd),
    ))
}

#[inline(always)]
fn fold2(a: __m256i, b: __m256i) -> __m256i {
    avx2!(_mm256_or_si256(
        _mm256_unpacklo_epi64(a, b),
        _mm256_unpackhi_epi64(a, b)
    ))
}

#[inline(always)]
fn half(v: Pair) -> __m256i {
    avx2!(_mm256_or_si256(v[0], v[1]))
}
