//! The only ways by which a secret becomes public. Whatever is not revealed here stays secret.

use crate::kernel::Choice;

/// Makes a yes or no public, which must be safe whatever it is.
#[inline(always)]
pub(crate) fn reveal(choice: Choice) -> bool {
    reveal_word(choice.bit()) == 1
}

/// Makes a word public, which must be safe whatever it is.
#[inline(always)]
pub(crate) fn reveal_word(word: u64) -> u64 {
    mark::public(word)
}

#[cfg(not(all(feature = "valgrind", target_arch = "x86_64")))]
mod mark {
    #[inline(always)]
    pub(super) fn public(word: u64) -> u64 {
        word
    }
}

#[cfg(all(feature = "valgrind", target_arch = "x86_64"))]
mod mark {
    use std::arch::asm;

    /// `VALGRIND_MAKE_MEM_DEFINED` (valgrind, memcheck.h): the tool base of memcheck, plus 2.
    const MAKE_DEFINED: u64 = 0x4d43_0002;

    /// Tells memcheck that the word may be branched on.
    #[inline(always)]
    pub(super) fn public(word: u64) -> u64 {
        let word = [word];
        let request = [MAKE_DEFINED, word.as_ptr().addr() as u64, 8, 0, 0, 0];
        // SAFETY: four rotations by 128 bits in all, and an exchange of a register with itself: to
        // every processor nothing, to valgrind a request (valgrind.h, `__SPECIAL_INSTRUCTION`).
        unsafe {
            asm!("rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
                in("rax") &request, inout("rdx") 0_u64 => _, options(nostack));
        }
        let [word] = std::hint::black_box(word);
        word
    }
}
