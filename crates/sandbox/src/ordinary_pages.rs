use std::ffi::c_void;
use std::io;
use std::ptr::{self, NonNull};

use rustix::mm::{MapFlags, MprotectFlags, ProtFlags};

use crate::pages::{PageSource, Pages};

/// Ordinary anonymous memory, which the host can read: for tests and as the yardstick of
/// benchmarks.
#[derive(Debug, Clone, Copy, Default)]
pub struct OrdinaryPages;

/// One anonymous mapping.
struct Anonymous {
    base: NonNull<u8>,
    size: usize,
    address_space: usize,
}

#[expect(unsafe_code, reason = "compiled guest code trusts the mapping")]
// SAFETY: `Anonymous` keeps the promises of `Pages`; see there.
unsafe impl PageSource for OrdinaryPages {
    fn reserve(&self, capacity: usize, address_space: usize) -> io::Result<Box<dyn Pages>> {
        debug_assert!(capacity <= address_space);
        // SAFETY: a new mapping at an address of the kernel's choice touches nothing that exists.
        let base = unsafe {
            rustix::mm::mmap_anonymous(
                ptr::null_mut(),
                address_space,
                ProtFlags::empty(),
                MapFlags::PRIVATE | MapFlags::NORESERVE,
            )
        }?;
        let base = NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Box::new(Anonymous {
            base,
            size: 0,
            address_space,
        }))
    }
}

#[expect(unsafe_code, reason = "compiled guest code trusts the mapping")]
// SAFETY: the mapping is this value's alone from `reserve` to `drop`, anonymous memory is zero,
// and what `grow_to` has not opened is `PROT_NONE`.
unsafe impl Pages for Anonymous {
    fn base(&self) -> NonNull<u8> {
        self.base
    }

    fn grow_to(&mut self, bytes: usize) -> io::Result<()> {
        if bytes > self.address_space {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        if bytes > self.size {
            // SAFETY: the range lies in this value's own mapping, and it gains rights only.
            unsafe {
                rustix::mm::mprotect(
                    self.base.as_ptr().cast::<c_void>(),
                    bytes,
                    MprotectFlags::READ | MprotectFlags::WRITE,
                )
            }?;
            self.size = bytes;
        }
        Ok(())
    }
}

#[expect(unsafe_code, reason = "the mapping is the value's own")]
// SAFETY: the pointer is to a mapping that the value owns; access to it is the runtime's affair.
unsafe impl Send for Anonymous {}

#[expect(unsafe_code, reason = "the mapping is the value's own")]
// SAFETY: `&Anonymous` gives out the address and changes nothing.
unsafe impl Sync for Anonymous {}

impl Drop for Anonymous {
    #[expect(unsafe_code, reason = "unmaps what `reserve` mapped")]
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's own, and nobody may use it after the value.
        let unmapped = unsafe { rustix::mm::munmap(self.base.as_ptr().cast(), self.address_space) };
        debug_assert!(unmapped.is_ok());
    }
}
