use wasmtime::{Result, bail};

use super::bindings::wasi::random::{insecure, insecure_seed, random};
use super::state::Host;

/// The most random bytes of one call, so that a guest cannot make the host allocate without limit.
const MAX_RANDOM_BYTES: u64 = 16 << 20;

impl Host {
    fn random_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        if length > MAX_RANDOM_BYTES {
            bail!("the guest asks for {length} random bytes at once, limit {MAX_RANDOM_BYTES}");
        }
        let mut bytes = vec![0; usize::try_from(length)?];
        self.rng.fill_bytes(&mut bytes);
        Ok(bytes)
    }
}

impl random::Host for Host {
    fn get_random_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        self.random_bytes(length)
    }

    fn get_random_u64(&mut self) -> Result<u64> {
        Ok(self.rng.next_u64())
    }
}

impl insecure::Host for Host {
    fn get_insecure_random_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        self.random_bytes(length)
    }

    fn get_insecure_random_u64(&mut self) -> Result<u64> {
        Ok(self.rng.next_u64())
    }
}

impl insecure_seed::Host for Host {
    fn insecure_seed(&mut self) -> Result<(u64, u64)> {
        Ok((self.rng.next_u64(), self.rng.next_u64()))
    }
}
