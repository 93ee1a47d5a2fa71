use std::io;
use std::ptr::NonNull;

/// Where a guest's linear memories come from.
///
/// # Safety
/// Implementors promise that what [`PageSource::reserve`] returns keeps the promises of [`Pages`].
#[expect(unsafe_code, reason = "compiled guest code trusts the mapping")]
pub unsafe trait PageSource: Send + Sync {
    /// Reserves `address_space` bytes of addresses, of which the first `capacity` bytes can
    /// become memory by [`Pages::grow_to`]. Both are multiples of the page size, and
    /// `capacity <= address_space`.
    ///
    /// # Errors
    /// Whatever the operating system says; the guest then does not start.
    fn reserve(&self, capacity: usize, address_space: usize) -> io::Result<Box<dyn Pages>>;
}

/// One reservation: memory up to its size, and beyond it addresses that fault.
///
/// Dropping it frees the addresses; an implementation for secrets wipes the memory first.
///
/// # Safety
/// Implementors promise that:
/// - [`Pages::base`] is page-aligned and never changes;
/// - after `grow_to(n)` returned `Ok`, the first `n` bytes are readable and writable, and those
///   that no earlier call had grown to are zero;
/// - every access from there to the end of the reserved addresses faults;
/// - nobody else reads, writes, maps or unmaps them while the value lives.
#[expect(unsafe_code, reason = "compiled guest code trusts the mapping")]
pub unsafe trait Pages: Send + Sync {
    /// The first byte.
    fn base(&self) -> NonNull<u8>;

    /// Makes the first `bytes` bytes (a multiple of the page size) memory. It never shrinks.
    ///
    /// # Errors
    /// Whatever the operating system says; the guest's request to grow then fails.
    fn grow_to(&mut self, bytes: usize) -> io::Result<()>;
}
