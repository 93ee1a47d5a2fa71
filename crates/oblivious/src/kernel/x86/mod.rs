//! Kernels of x86-64.

mod avx2;
mod avx512;
pub(super) mod compare;
mod pair;

use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

use super::vector::Line;

pub(crate) use avx2::Avx2;
pub(crate) use avx512::Avx512;

/// Whether the processor has all that [`Avx512`] is compiled with.
pub(super) fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512cd")
        && has_avx2()
}

/// Whether the processor has all that [`Avx2`] is compiled with.
pub(super) fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt")
}

/// Asks for a line.
#[inline(always)]
pub(super) fn prefetch(at: *const Line) {
    // SAFETY: a prefetch reads nothing and never faults, whatever the address.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) };
}
