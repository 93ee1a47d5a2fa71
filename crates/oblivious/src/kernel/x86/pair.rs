use std::arch::asm;

/// Writes two words by one store, which every processor of the architecture can.
#[inline(always)]
pub(super) fn store_pair(to: &mut [u64; 2], first: u64, second: u64) {
    // SAFETY: writes the 16 bytes behind a reference.
    unsafe {
        asm!("movq {a}, {first}", "movq {b}, {second}", "punpcklqdq {a}, {b}",
            "movdqu xmmword ptr [{to}], {a}", a = out(xmm_reg) _, b = out(xmm_reg) _,
            first = in(reg) first, second = in(reg) second, to = in(reg) to,
            options(nostack, preserves_flags));
    }
}
