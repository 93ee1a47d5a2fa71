use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use talc::DefaultBinning;
use talc::base::Talc;
use talc::source::Manual;

use crate::secret_region::{SecretMemoryError, SecretRegion};

/// The global allocator of a program that may become an enclave.
///
/// Until [`enter_secret_mode`](Self::enter_secret_mode) it is [`System`]. From then on every
/// allocation of every thread lies in secret memory, and whatever is freed is wiped first. A
/// request that does not fit yields null, as the contract of [`GlobalAlloc`] has it: there is no
/// falling back to ordinary memory.
pub struct SecretAlloc {
    /// The regions; both empty before secret mode, the second one also after it, until there is
    /// [more](Self::add).
    regions: [Range; 2],
    /// Held while `heap` is used. A spin lock: an enclave has one thread at work, and a futex's
    /// waiters would be known outside.
    busy: AtomicBool,
    heap: UnsafeCell<Talc<Manual, DefaultBinning>>,
}

/// An address range; empty while both are 0.
#[derive(Debug)]
struct Range {
    start: AtomicUsize,
    end: AtomicUsize,
}

/// Having one tells you that every allocation from here on lies in secret memory.
#[derive(Debug)]
pub struct SecretMode(());

// SAFETY: `heap` is only touched while `busy` is held.
unsafe impl Sync for SecretAlloc {}

impl SecretAlloc {
    /// For a `static`.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            regions: [Range::none(), Range::none()],
            busy: AtomicBool::new(false),
            heap: UnsafeCell::new(Talc::new(Manual)),
        }
    }

    /// Maps `capacity` bytes of secret memory and allocates from nowhere else hereafter. What was
    /// allocated before stays where it is until it is freed or grows.
    ///
    /// # Errors
    /// If there is no such memory, or it was done before.
    pub fn enter_secret_mode(&self, capacity: usize) -> Result<SecretMode, SecretMemoryError> {
        self.claim(&self.regions[0], capacity)?;
        Ok(SecretMode(()))
    }

    /// Maps `capacity` bytes more, which has to be done before the process is locked down.
    ///
    /// # Errors
    /// If there is no such memory, or it was done before.
    pub fn add(&self, _mode: &SecretMode, capacity: usize) -> Result<(), SecretMemoryError> {
        self.claim(&self.regions[1], capacity)
    }

    fn claim(&self, range: &Range, capacity: usize) -> Result<(), SecretMemoryError> {
        // A heap needs room for its own tables; less than this is a mistake.
        let region = SecretRegion::new(capacity.max(64 << 10))?;
        let (base, bytes) = (region.base(), region.capacity());
        self.with_heap(|heap| {
            if !range.is_empty() {
                return Err(SecretMemoryError::AlreadySecret);
            }
            // SAFETY: the region is fresh, and leaked below, so that nobody else touches it.
            let claimed = unsafe { heap.claim(base.as_ptr(), bytes) };
            claimed.ok_or(SecretMemoryError::TooSmall {
                asked: capacity,
                capacity: bytes,
            })?;
            let start = region.leak().addr().get();
            range.start.store(start, Ordering::Release);
            range.end.store(start + bytes, Ordering::Release);
            Ok(())
        })
    }

    /// Whether allocations come from secret memory.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        !self.regions[0].is_empty()
    }

    fn holds(&self, ptr: *mut u8) -> bool {
        let address = ptr.addr();
        self.regions.iter().any(|range| range.holds(address))
    }

    fn with_heap<T>(&self, use_it: impl FnOnce(&mut Talc<Manual, DefaultBinning>) -> T) -> T {
        while self.busy.swap(true, Ordering::Acquire) {
            // SAFETY: sched_yield takes no argument.
            unsafe { libc::sched_yield() };
        }
        // SAFETY: `busy` is ours, so no other reference exists; `use_it` does not allocate.
        let heap = unsafe { &mut *self.heap.get() };
        let result = use_it(heap);
        self.busy.store(false, Ordering::Release);
        result
    }

    fn allocate(&self, layout: Layout) -> *mut u8 {
        self.with_heap(|heap| {
            // SAFETY: GlobalAlloc's callers never ask for zero bytes.
            unsafe { heap.try_allocate(layout) }
                .map_or(std::ptr::null_mut(), std::ptr::NonNull::as_ptr)
        })
    }
}

impl Range {
    const fn none() -> Self {
        Self {
            start: AtomicUsize::new(0),
            end: AtomicUsize::new(0),
        }
    }

    fn is_empty(&self) -> bool {
        self.end.load(Ordering::Acquire) == 0
    }

    fn holds(&self, address: usize) -> bool {
        address < self.end.load(Ordering::Acquire) && address >= self.start.load(Ordering::Acquire)
    }
}

impl Default for SecretAlloc {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SecretAlloc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretAlloc")
            .field("secret", &self.is_secret())
            .finish_non_exhaustive()
    }
}

// SAFETY: before secret mode all goes to `System`; after it, to one heap under one lock; a block
// is given back to where its address says it came from.
unsafe impl GlobalAlloc for SecretAlloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.is_secret() {
            self.allocate(layout)
        } else {
            // SAFETY: the caller's promise is System's.
            unsafe { System.alloc(layout) }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !self.is_secret() {
            // SAFETY: the caller's promise is System's.
            return unsafe { System.alloc_zeroed(layout) };
        }
        let block = self.allocate(layout);
        if !block.is_null() {
            // SAFETY: the block has just been allocated with this size.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        if !self.is_secret() {
            // SAFETY: allocated by System, since there has been nothing else.
            return unsafe { System.dealloc(ptr, layout) };
        }
        // SAFETY: the caller gives the whole block up.
        unsafe { wipe(ptr, layout.size()) };
        if self.holds(ptr) {
            // SAFETY: the address says that this heap allocated it, with this layout.
            self.with_heap(|heap| unsafe { heap.deallocate(ptr, layout) });
        } else {
            // SAFETY: the address says that System allocated it.
            unsafe { System.dealloc(ptr, layout) };
        }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if !self.is_secret() {
            // SAFETY: allocated by System, since there has been nothing else.
            return unsafe { System.realloc(ptr, layout, new_size) };
        }
        if self.holds(ptr) {
            if new_size < layout.size() {
                // SAFETY: the tail is within the block, and the caller gives it up.
                let tail = unsafe { ptr.add(new_size) };
                // SAFETY: as above.
                unsafe { wipe(tail, layout.size() - new_size) };
            }
            // SAFETY: this heap allocated the block with this layout; `new_size` is not zero.
            if self.with_heap(|heap| unsafe { heap.try_realloc_in_place(ptr, layout, new_size) }) {
                return ptr;
            }
        }
        // SAFETY: the caller promises that `new_size`, rounded up to the alignment, is a valid size.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        let new = self.allocate(new_layout);
        if !new.is_null() {
            // SAFETY: two separate blocks, both at least this long.
            unsafe { new.copy_from_nonoverlapping(ptr, layout.size().min(new_size)) };
            // SAFETY: the old block is the caller's, and has now moved.
            unsafe { self.dealloc(ptr, layout) };
        }
        new
    }
}

/// Writes zeros that the compiler may not leave out.
///
/// # Safety
/// `bytes` bytes at `ptr` are the caller's to write.
unsafe fn wipe(ptr: *mut u8, bytes: usize) {
    // SAFETY: the caller's promise.
    unsafe { ptr.write_bytes(0, bytes) };
    // SAFETY: no instruction; the compiler must believe that the bytes are read here.
    unsafe {
        std::arch::asm!("/* {0} */", in(reg) ptr, options(nostack, preserves_flags, readonly));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block and its layout, as a container would hold it.
    struct Block<'a>(&'a SecretAlloc, *mut u8, Layout);

    impl<'a> Block<'a> {
        fn new(alloc: &'a SecretAlloc, bytes: usize) -> Self {
            let layout = Layout::from_size_align(bytes, 16).unwrap();
            // SAFETY: the size is not zero.
            let ptr = unsafe { alloc.alloc(layout) };
            Self(alloc, ptr, layout)
        }

        fn zeroed(alloc: &'a SecretAlloc, bytes: usize) -> Self {
            let layout = Layout::from_size_align(bytes, 16).unwrap();
            // SAFETY: the size is not zero.
            let ptr = unsafe { alloc.alloc_zeroed(layout) };
            Self(alloc, ptr, layout)
        }

        fn resize(&mut self, bytes: usize) -> bool {
            // SAFETY: the block was allocated here, with this layout.
            let ptr = unsafe { self.0.realloc(self.1, self.2, bytes) };
            if ptr.is_null() {
                return false;
            }
            *self = Self(self.0, ptr, Layout::from_size_align(bytes, 16).unwrap());
            true
        }

        fn fill(&self, byte: u8) {
            // SAFETY: the whole block.
            unsafe { self.1.write_bytes(byte, self.2.size()) };
        }

        fn bytes(&self) -> Vec<u8> {
            // SAFETY: the whole block, or one that was freed in a region that is still mapped.
            unsafe { std::slice::from_raw_parts(self.1.cast_const(), self.2.size()) }.to_vec()
        }

        fn free(&self) {
            // SAFETY: the block was allocated here, with this layout, and is not used but looked at.
            unsafe { self.0.dealloc(self.1, self.2) };
        }
    }

    #[test]
    fn blocks_cross_into_secret_memory_and_are_wiped() {
        let alloc = SecretAlloc::new();
        let mut block = Block::new(&alloc, 100);
        block.fill(0x5a);
        alloc.enter_secret_mode(1 << 20).unwrap();
        assert!(!alloc.holds(block.1));

        assert!(block.resize(200));
        assert!(alloc.holds(block.1));
        assert_eq!(block.bytes()[..100], [0x5a; 100]);

        // Freed bytes are zero, but for the allocator's own words at a free block's ends.
        let neighbour = Block::new(&alloc, 64);
        block.fill(0x5a);
        block.free();
        assert_eq!(block.bytes()[64..150], [0; 86]);
        neighbour.free();
    }

    #[test]
    fn what_does_not_fit_yields_null() {
        let alloc = SecretAlloc::new();
        alloc.enter_secret_mode(1 << 20).unwrap();
        assert!(Block::new(&alloc, 2 << 20).1.is_null());
        let mut block = Block::new(&alloc, 4096);
        assert!(!block.resize(2 << 20));
        let place = block.1;
        assert!(block.resize(16));
        assert_eq!(block.1, place);
        block.free();
        assert!(matches!(
            alloc.enter_secret_mode(1 << 20),
            Err(SecretMemoryError::AlreadySecret)
        ));
        assert_eq!(Block::zeroed(&alloc, 5000).bytes(), [0; 5000]);
    }

    #[test]
    fn there_can_be_more_once() {
        let alloc = SecretAlloc::new();
        let mode = alloc.enter_secret_mode(1 << 20).unwrap();
        alloc.add(&mode, 4 << 20).unwrap();
        let block = Block::new(&alloc, 3 << 20);
        assert!(alloc.holds(block.1));
        block.fill(0x5a);
        block.free();
        assert_eq!(Block::zeroed(&alloc, 3 << 20).bytes(), vec![0; 3 << 20]);
        assert!(matches!(
            alloc.add(&mode, 1 << 20),
            Err(SecretMemoryError::AlreadySecret)
        ));
    }
}
