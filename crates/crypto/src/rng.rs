use getrandom::SysRng;
use rand_core::UnwrapErr;
pub use rand_core::{CryptoRng, Rng};

use crate::SecretArray;

/// The operating system's generator, `getrandom(2)`. For shells: everything below takes a
/// generator as an argument.
///
/// The returned generator panics if the system call fails, which on Linux it does only where a
/// sandbox forbids it: no key may ever be made from less.
#[must_use]
pub fn os_rng() -> impl CryptoRng + Send + Sync + Copy {
    UnwrapErr(SysRng)
}

/// `N` random bytes, as a secret.
pub fn random<const N: usize>(rng: &mut impl CryptoRng) -> SecretArray<N> {
    SecretArray::fill_with(|bytes| rng.fill_bytes(bytes))
}
