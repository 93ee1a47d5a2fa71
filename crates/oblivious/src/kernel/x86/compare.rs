//! Comparisons of words: the carry flag, spread over a register.

use std::arch::asm;

/// Ones if `a == b`, else zero.
#[inline(always)]
pub(in crate::kernel) fn eq(a: u64, b: u64) -> u64 {
    let mut mask = a ^ b;
    // SAFETY: two instructions on one register. Only zero is below one.
    unsafe {
        asm!("cmp {m}, 1", "sbb {m}, {m}", m = inout(reg) mask, options(pure, nomem, nostack))
    };
    mask
}

/// Ones if `a < b`, else zero.
#[inline(always)]
pub(in crate::kernel) fn less(a: u64, b: u64) -> u64 {
    let mut mask = a;
    // SAFETY: two instructions on two registers.
    unsafe {
        asm!("cmp {m}, {b}", "sbb {m}, {m}", m = inout(reg) mask, b = in(reg) b,
            options(pure, nomem, nostack));
    }
    mask
}
