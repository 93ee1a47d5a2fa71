use std::fmt;
use std::io;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

use adyton_shield::SecretRegion;

use crate::pages::{PageSource, Pages};
use crate::prepared::Prepared;
use crate::runtime::MEMORY_ADDRESS_SPACE_BYTES;

/// Linear memories in `memfd_secret(2)` pages.
///
/// They are mapped before an enclave is locked down, since nothing can be mapped afterwards, and
/// handed out as the guest's memories are made. One that is given back is unmapped, not used again.
#[derive(Default)]
pub struct SecretPages {
    free: Mutex<Vec<SecretRegion>>,
}

impl SecretPages {
    /// With no memory yet; see [`reserve_for`](Self::reserve_for).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Maps what one run of `program` needs.
    ///
    /// # Errors
    /// If the kernel has no secret memory, or the process may not lock that much.
    pub fn reserve_for(&self, program: &Prepared) -> io::Result<()> {
        let capacity = program.memory_bytes();
        let guard = MEMORY_ADDRESS_SPACE_BYTES.saturating_sub(capacity);
        let one = |_| SecretRegion::reserve(capacity, guard).map_err(io::Error::other);
        let regions = (0..program.memories())
            .map(one)
            .collect::<io::Result<Vec<_>>>()?;
        self.free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(regions);
        Ok(())
    }
}

impl fmt::Debug for SecretPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretPages")
    }
}

#[expect(unsafe_code, reason = "compiled guest code trusts the mapping")]
// SAFETY: `SecretMemory` keeps the promises of `Pages`; see there.
unsafe impl PageSource for SecretPages {
    fn reserve(&self, capacity: usize, address_space: usize) -> io::Result<Box<dyn Pages>> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        match free.pop() {
            Some(region)
                if capacity <= region.capacity() && address_space <= MEMORY_ADDRESS_SPACE_BYTES =>
            {
                Ok(Box::new(SecretMemory(region)))
            }
            _ => Err(io::Error::other(
                "the program has more memories than were reserved for it",
            )),
        }
    }
}

struct SecretMemory(SecretRegion);

#[expect(unsafe_code, reason = "compiled guest code trusts the mapping")]
// SAFETY: the region is this value's alone until it is dropped, its pages begin as zero, and what
// `grow` has not opened up to the end of the address space is `PROT_NONE`.
unsafe impl Pages for SecretMemory {
    fn base(&self) -> NonNull<u8> {
        self.0.base()
    }

    fn grow_to(&mut self, bytes: usize) -> io::Result<()> {
        self.0.grow(bytes).map_err(io::Error::other)
    }
}
