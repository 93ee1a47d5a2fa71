use std::ffi::c_uint;
use std::io;
use std::os::fd::RawFd;

use crate::sys::check;

/// Closes every descriptor of the process but those in `keep`.
///
/// What a host leaves open in a child it can later read through the child.
///
/// # Errors
/// If the kernel has no close_range(2), that is, before Linux 5.9.
pub fn close_inherited(keep: &[RawFd]) -> io::Result<()> {
    let mut keep: Vec<c_uint> = keep.iter().filter_map(|&fd| fd.try_into().ok()).collect();
    keep.sort_unstable();
    let mut next = 0;
    for fd in keep {
        if fd > next {
            close_range(next, fd - 1)?;
        }
        next = next.max(fd + 1);
    }
    close_range(next, c_uint::MAX)
}

/// close_range(2), both ends included.
fn close_range(first: c_uint, last: c_uint) -> io::Result<()> {
    // SAFETY: the call takes numbers only. That a descriptor is closed under its owner's feet is what the callers promise to want.
    check(unsafe { libc::close_range(first, last, 0) }).map(drop)
}
