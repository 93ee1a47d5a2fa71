//! Comparisons of words, for processors without instructions of their own for it.

use super::hide::hide;

/// Ones if `a == b`, else zero.
#[inline(always)]
pub(super) fn eq(a: u64, b: u64) -> u64 {
    let x = a ^ b;
    hide((!(x | x.wrapping_neg()) >> 63).wrapping_neg())
}

/// Ones if `a < b`, else zero: the borrow of `a - b` (Hacker's Delight, section 2-13).
#[inline(always)]
pub(super) fn less(a: u64, b: u64) -> u64 {
    let borrow = (!a & b) | ((!a | b) & a.wrapping_sub(b));
    hide((borrow >> 63).wrapping_neg())
}
