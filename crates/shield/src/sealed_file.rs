//! Files in memory that nobody can ever change.

use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};

use crate::sys::check;

/// A file in memory that may be run and sealed.
pub(crate) fn create() -> io::Result<OwnedFd> {
    let flags = libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING;
    let create = |flags| {
        // SAFETY: the name is a string that outlives the call.
        check(unsafe { libc::memfd_create(c"adyton".as_ptr(), flags) })
    };
    // Kernels before 6.3 do not know MFD_EXEC; later ones may want to be told.
    let fd = create(flags | libc::MFD_EXEC).or_else(|_| create(flags))?;
    // SAFETY: the kernel has just given this descriptor to us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Forbids everybody, for good, to change the file's bytes or its length.
pub(crate) fn seal(file: &OwnedFd) -> io::Result<()> {
    let seals = libc::F_SEAL_WRITE | libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_SEAL;
    // SAFETY: F_ADD_SEALS takes a number.
    check(unsafe { libc::fcntl(file.as_raw_fd(), libc::F_ADD_SEALS, seals) }).map(drop)
}
