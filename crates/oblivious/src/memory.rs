use std::alloc::{Layout, alloc, dealloc};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::{fmt, slice};

use zeroize::Zeroize;

use crate::error::ObliviousError;
use crate::kernel::{LANES, Line};

/// From here on, whole huge pages are asked for.
const HUGE: usize = 2 << 20;

/// Cache lines of memory, aligned, zeroed at first and wiped at last.
///
/// It comes from the process's own allocator, which in an enclave hands out protected pages. That
/// there is none is an error, not an abort.
pub(crate) struct Lines {
    start: NonNull<Line>,
    len: usize,
}

// SAFETY: it owns its memory, as a boxed slice does.
unsafe impl Send for Lines {}
// SAFETY: likewise; shared, it is read only.
unsafe impl Sync for Lines {}

impl Lines {
    /// `len` lines, all zero.
    pub(crate) fn new(len: usize) -> Result<Self, ObliviousError> {
        let bytes = len.saturating_mul(size_of::<Line>());
        let none = ObliviousError::OutOfMemory { bytes };
        if len == 0 {
            let start = NonNull::dangling();
            return Ok(Self { start, len });
        }
        let layout = layout(len).ok_or(none)?;
        // SAFETY: the layout is not of size zero.
        let start = unsafe { alloc(layout) };
        let start = NonNull::new(start.cast::<Line>()).ok_or(none)?;
        // Before the first touch: pages that are there already stay small.
        if bytes >= HUGE {
            advise(start, bytes);
        }
        // SAFETY: `len` lines from `start` on were allocated just now.
        unsafe { start.write_bytes(0, len) };
        Ok(Self { start, len })
    }

    /// As words.
    pub(crate) fn words(&self) -> &[u64] {
        self.as_flattened()
    }

    /// As words.
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        self.as_flattened_mut()
    }
}

/// Lines that hold so many words.
pub(crate) const fn lines_for(words: usize) -> usize {
    words.div_ceil(LANES)
}

fn layout(len: usize) -> Option<Layout> {
    let plain = Layout::array::<Line>(len).ok()?;
    let align = if plain.size() >= HUGE { HUGE } else { 64 };
    plain.align_to(align).ok()
}

/// Few entries of the page table, where the kernel will; it does not matter if not.
fn advise(start: NonNull<Line>, bytes: usize) {
    // SAFETY: advice about a range that this process has mapped changes nothing in it.
    let _ = unsafe { libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_HUGEPAGE) };
}

impl Deref for Lines {
    type Target = [Line];

    fn deref(&self) -> &[Line] {
        // SAFETY: `len` lines from `start` on are owned, initialised and shared for reading only.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for Lines {
    fn deref_mut(&mut self) -> &mut [Line] {
        // SAFETY: `len` lines from `start` on are owned, initialised and borrowed by this call alone.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let Some(layout) = layout(self.len).filter(|_| self.len != 0) else {
            return;
        };
        self.as_flattened_mut().zeroize();
        // SAFETY: it was allocated with this very layout.
        unsafe { dealloc(self.start.as_ptr().cast(), layout) };
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({})", self.len)
    }
}
