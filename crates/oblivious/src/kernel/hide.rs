use std::arch::asm;

/// The same word, of which the compiler knows nothing.
#[inline(always)]
pub(super) fn hide(mut word: u64) -> u64 {
    // SAFETY: no instruction at all.
    unsafe { asm!("/* {0} */", inout(reg) word, options(pure, nomem, nostack, preserves_flags)) };
    word
}
