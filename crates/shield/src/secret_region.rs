use std::ffi::c_int;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::ptr::NonNull;

use adyton_types::ErrorClass;
use thiserror::Error;

use crate::sealed_file;
use crate::sys::{check, soft_limit, whole_pages};

/// Why secret memory could not be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SecretMemoryError {
    /// memfd_secret(2) is not there.
    #[error(
        "the kernel offers no memfd_secret: use Linux 6.5 or newer built with CONFIG_SECRETMEM, or start it with `secretmem.enable=1`"
    )]
    NoSecretMemory,
    /// Secret memory counts as locked memory, which is limited.
    #[error(
        "{needed} bytes of secret memory are needed, and this user may lock {limit} (RLIMIT_MEMLOCK): as root, `prlimit --pid PID --memlock=unlimited` with the shell's process id (`echo $$`) lifts that, as does `LimitMEMLOCK=infinity` for a service, or `setcap cap_ipc_lock=ep` on the adyton executable"
    )]
    LockedMemoryLimit {
        /// Bytes asked for.
        needed: usize,
        /// The soft limit in bytes.
        limit: u64,
    },
    /// Mapping is over once the process is locked down.
    #[error("memory cannot be mapped after lock-down: map it before")]
    LockedDown,
    /// More was asked for than the region can hold.
    #[error("{asked} bytes do not fit a region of {capacity}")]
    TooSmall {
        /// Bytes asked for.
        asked: usize,
        /// Bytes that the region holds.
        capacity: usize,
    },
    /// Secret mode is entered once, and memory added to it once.
    #[error("the process has this secret memory already")]
    AlreadySecret,
    /// Another system call failed.
    #[error("{call} failed")]
    System {
        /// Its name.
        call: &'static str,
        /// What it said.
        source: io::Error,
    },
}

impl SecretMemoryError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::NoSecretMemory | Self::LockedMemoryLimit { .. } | Self::System { .. } => {
                ErrorClass::Unavailable
            }
            Self::LockedDown | Self::TooSmall { .. } | Self::AlreadySecret => ErrorClass::Misuse,
        }
    }
}

/// A mapping of memfd_secret(2) pages: the kernel has dropped them from its own direct map, so
/// that `/proc/PID/mem`, process_vm_readv(2), ptrace(2), core dumps and swap cannot reach them.
///
/// The whole capacity is mapped at once and the descriptor closed, so that nobody can take it with
/// pidfd_getfd(2). A page costs nothing until it is first touched, and about 15 us then: keep what
/// was touched and use it again. Dropping the region unmaps it; the kernel wipes the pages.
#[derive(Debug)]
pub struct SecretRegion {
    base: NonNull<u8>,
    accessible: usize,
    capacity: usize,
    guard: usize,
}

// SAFETY: the region owns its mapping and hands out nothing but its address.
unsafe impl Send for SecretRegion {}
// SAFETY: as above; `&self` gives no access to the bytes.
unsafe impl Sync for SecretRegion {}

impl SecretRegion {
    /// Maps `capacity` bytes (rounded up to pages), readable and writable, all zero.
    ///
    /// # Errors
    /// If the kernel has no secret memory, or the process may not lock that much.
    pub fn new(capacity: usize) -> Result<Self, SecretMemoryError> {
        let capacity = whole_pages(capacity.max(1));
        let memory = secret_file(capacity)?;
        let base = map(
            std::ptr::null_mut(),
            capacity,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED,
            &memory,
        )?;
        Ok(Self {
            base,
            accessible: capacity,
            capacity,
            guard: 0,
        })
    }

    /// Maps `capacity` bytes that nobody can access yet, see [`grow`](Self::grow), and behind them
    /// `guard` bytes that nobody ever can.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn reserve(capacity: usize, guard: usize) -> Result<Self, SecretMemoryError> {
        let (capacity, guard) = (whole_pages(capacity.max(1)), whole_pages(guard));
        let all = capacity
            .checked_add(guard)
            .ok_or(SecretMemoryError::TooSmall {
                asked: guard,
                capacity: usize::MAX - capacity,
            })?;
        // An empty file, mapped shared: into a private mapping `/proc/PID/mem` could write, and
        // from anonymous memory it could read, which would make pages where there are none.
        let nothing = sealed_file::create().map_err(failed("memfd_create"))?;
        sealed_file::seal(&nothing).map_err(failed("fcntl"))?;
        let base = map(
            std::ptr::null_mut(),
            all,
            libc::PROT_NONE,
            libc::MAP_SHARED,
            &nothing,
        )?;
        let region = Self {
            base,
            accessible: 0,
            capacity,
            guard,
        };
        let memory = secret_file(capacity)?;
        map(
            base.as_ptr(),
            capacity,
            libc::PROT_NONE,
            libc::MAP_SHARED | libc::MAP_FIXED,
            &memory,
        )?;
        Ok(region)
    }

    /// Makes the first `bytes` (rounded up to pages) readable and writable. Never shrinks.
    ///
    /// # Errors
    /// If `bytes` is above the capacity.
    pub fn grow(&mut self, bytes: usize) -> Result<(), SecretMemoryError> {
        if bytes > self.capacity {
            return Err(SecretMemoryError::TooSmall {
                asked: bytes,
                capacity: self.capacity,
            });
        }
        let bytes = whole_pages(bytes);
        if bytes > self.accessible {
            self.protect(0, bytes, libc::PROT_READ | libc::PROT_WRITE)?;
            self.accessible = bytes;
        }
        Ok(())
    }

    /// Address of the first byte.
    #[must_use]
    pub const fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// How many bytes may be accessed.
    #[must_use]
    pub const fn accessible(&self) -> usize {
        self.accessible
    }

    /// How many bytes may become accessible.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Makes a part inaccessible, for a stack's guard page.
    pub(crate) fn forbid(&self, offset: usize, bytes: usize) -> Result<(), SecretMemoryError> {
        self.protect(offset, bytes, libc::PROT_NONE)
    }

    /// Gives the region to the rest of the process's life.
    pub(crate) fn leak(self) -> NonNull<u8> {
        std::mem::ManuallyDrop::new(self).base
    }

    fn protect(&self, offset: usize, bytes: usize, prot: c_int) -> Result<(), SecretMemoryError> {
        debug_assert!(offset + bytes <= self.capacity);
        // SAFETY: the part lies within the mapping that this region owns.
        let part = unsafe { self.base.add(offset) };
        // SAFETY: as above; nobody holds a reference into a region whose access changes here.
        check(unsafe { libc::mprotect(part.as_ptr().cast(), bytes, prot) })
            .map(drop)
            .map_err(failed("mprotect"))
    }
}

impl Drop for SecretRegion {
    fn drop(&mut self) {
        // SAFETY: the region owns exactly this mapping, and nothing can use it hereafter.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.capacity + self.guard) };
    }
}

/// A fresh file of secret pages.
pub(crate) fn secret_file(bytes: usize) -> Result<OwnedFd, SecretMemoryError> {
    // SAFETY: memfd_secret takes flags only.
    let fd = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
    let fd = c_int::try_from(fd).unwrap_or(-1);
    if fd < 0 {
        let source = io::Error::last_os_error();
        return Err(match source.raw_os_error() {
            Some(libc::ENOSYS) => SecretMemoryError::NoSecretMemory,
            _ => SecretMemoryError::System {
                call: "memfd_secret",
                source,
            },
        });
    }
    // SAFETY: the kernel has just given this descriptor to us alone.
    let memory = unsafe { OwnedFd::from_raw_fd(fd) };
    let size = bytes.try_into().unwrap_or(libc::off_t::MAX);
    // SAFETY: ftruncate takes no pointer.
    check(unsafe { libc::ftruncate(memory.as_raw_fd(), size) }).map_err(failed("ftruncate"))?;
    Ok(memory)
}

/// mmap(2) of a file from its beginning. With `MAP_FIXED`, `at` must be a range that the
/// caller owns.
fn map(
    at: *mut u8,
    bytes: usize,
    prot: c_int,
    flags: c_int,
    file: &OwnedFd,
) -> Result<NonNull<u8>, SecretMemoryError> {
    let fd = file.as_raw_fd();
    // SAFETY: either `at` is null, and the mapping is fresh, or the caller owns the range.
    let base = unsafe { libc::mmap(at.cast(), bytes, prot, flags, fd, 0) };
    if base == libc::MAP_FAILED {
        let source = io::Error::last_os_error();
        return Err(match source.raw_os_error() {
            Some(libc::EAGAIN) => SecretMemoryError::LockedMemoryLimit {
                needed: bytes,
                limit: soft_limit(libc::RLIMIT_MEMLOCK).unwrap_or(0),
            },
            Some(libc::EPERM) => SecretMemoryError::LockedDown,
            _ => SecretMemoryError::System {
                call: "mmap",
                source,
            },
        });
    }
    NonNull::new(base.cast()).ok_or(SecretMemoryError::System {
        call: "mmap",
        source: io::ErrorKind::AddrNotAvailable.into(),
    })
}

fn failed(call: &'static str) -> impl Fn(io::Error) -> SecretMemoryError {
    move |source| SecretMemoryError::System { call, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(region: &mut SecretRegion) -> &mut [u8] {
        // SAFETY: accessible, and borrowed from nowhere else in these tests.
        unsafe { std::slice::from_raw_parts_mut(region.base().as_ptr(), region.accessible()) }
    }

    #[test]
    fn a_region_is_zero_and_holds_what_is_written() {
        let mut region = SecretRegion::new(5000).unwrap();
        assert_eq!(region.capacity(), whole_pages(5000));
        let last = bytes(&mut region).last_mut().unwrap();
        assert_eq!(*last, 0);
        *last = 7;
        assert_eq!(bytes(&mut region).last(), Some(&7));
    }

    #[test]
    fn a_reservation_grows_up_to_its_capacity() {
        let mut region = SecretRegion::reserve(1 << 30, 1 << 20).unwrap();
        assert_eq!(region.accessible(), 0);
        region.grow(10_000).unwrap();
        assert_eq!(region.accessible(), whole_pages(10_000));
        bytes(&mut region)[9_999] = 1;
        region.grow(100).unwrap();
        assert_eq!(region.accessible(), whole_pages(10_000));
        assert!(matches!(
            region.grow((1 << 30) + 1),
            Err(SecretMemoryError::TooSmall { .. })
        ));
    }
}
