use std::ffi::c_long;

/// Publishing code needs a barrier on this architecture.
pub(crate) const OF_ARCHITECTURE: &[c_long] = &[libc::SYS_membarrier];
