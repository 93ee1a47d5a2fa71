#[cfg(not(target_arch = "x86_64"))]
use super::compare;
use super::hide::hide;
#[cfg(target_arch = "x86_64")]
use super::x86::compare;

/// A secret yes or no, as a word of ones or zeros.
///
/// The compiler never learns that it is one of two values, so it cannot make a branch of it.
#[derive(Clone, Copy)]
pub(crate) struct Choice(u64);

impl Choice {
    /// Yes if the lowest bit is set.
    #[inline(always)]
    pub(crate) fn from_bit(bit: u64) -> Self {
        Self(hide((bit & 1).wrapping_neg()))
    }

    /// `a == b`.
    #[inline(always)]
    pub(crate) fn eq(a: u64, b: u64) -> Self {
        Self(compare::eq(a, b))
    }

    /// All ones, or zero.
    #[inline(always)]
    pub(crate) const fn word(self) -> u64 {
        self.0
    }

    /// One, or zero.
    #[inline(always)]
    pub(crate) const fn bit(self) -> u64 {
        self.0 & 1
    }

    #[inline(always)]
    pub(crate) fn and(self, other: Self) -> Self {
        Self(hide(self.0 & other.0))
    }

    #[inline(always)]
    pub(crate) fn or(self, other: Self) -> Self {
        Self(hide(self.0 | other.0))
    }

    #[inline(always)]
    pub(crate) fn not(self) -> Self {
        Self(hide(!self.0))
    }

    /// `yes` or `no`.
    #[inline(always)]
    pub(crate) fn select(self, yes: u64, no: u64) -> u64 {
        no ^ (self.0 & (yes ^ no))
    }
}

/// `a < b`.
#[inline(always)]
pub(crate) fn less(a: u64, b: u64) -> Choice {
    Choice(compare::less(a, b))
}

/// Leading zeros of a word that is not zero.
#[inline(always)]
pub(crate) fn lead_zeros(word: u64) -> u64 {
    // Without the lowest bit set, the instruction that older processors have would need a branch.
    u64::from((word | 1).leading_zeros())
}
