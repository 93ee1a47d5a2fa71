//! System calls that differ between architectures.

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "aarch64")]
pub(crate) use aarch64::OF_ARCHITECTURE;
#[cfg(target_arch = "x86_64")]
pub(crate) use x86_64::OF_ARCHITECTURE;
