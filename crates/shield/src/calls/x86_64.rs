use std::ffi::c_long;

/// Older calls that this architecture's C library still makes.
pub(crate) const OF_ARCHITECTURE: &[c_long] = &[libc::SYS_poll, libc::SYS_epoll_wait];
