use std::hash::{Hash as _, Hasher};
use std::sync::Arc;

use adyton_crypto::Sha256;
use wasmtime::{Config, Engine, OptLevel};

use crate::error::SandboxError;
use crate::memory::Memories;
use crate::pages::PageSource;

/// Addresses reserved for a linear memory: all that a 32-bit index reaches, so that compiled code
/// needs no bounds checks.
const MEMORY_RESERVATION_BYTES: u64 = 4 << 30;

/// Addresses after them that fault, for the constant offsets of loads and stores.
const MEMORY_GUARD_BYTES: u64 = 32 << 20;

/// All addresses that a linear memory takes.
#[expect(
    clippy::cast_possible_truncation,
    reason = "4 GiB and a bit fit 64-bit addresses"
)]
pub(crate) const MEMORY_ADDRESS_SPACE_BYTES: usize =
    (MEMORY_RESERVATION_BYTES + MEMORY_GUARD_BYTES) as usize;

/// The runtime, set so that guest code runs at full speed and sees the same everywhere.
pub(crate) fn engine(
    pages: Arc<dyn PageSource>,
    memory_bytes: usize,
    stack_bytes: usize,
) -> Result<Engine, SandboxError> {
    let mut config = Config::new();
    config
        // No fuel and no epochs: they cost tens of percent in tight loops. Whoever limits the
        // run's time kills the process.
        .consume_fuel(false)
        .epoch_interruption(false)
        .signals_based_traps(true)
        .cranelift_opt_level(OptLevel::Speed)
        .max_wasm_stack(stack_bytes)
        .memory_reservation(MEMORY_RESERVATION_BYTES)
        .memory_guard_size(MEMORY_GUARD_BYTES)
        .memory_may_move(false)
        // A memory image would map ordinary pages over the memory that `pages` gives.
        .memory_init_cow(false)
        .with_host_memory(Arc::new(Memories::new(pages, memory_bytes)))
        .concurrency_support(false)
        // 64-bit memories need bounds checks and reach beyond the reservation.
        .wasm_memory64(false)
        // Relaxed operations give the same result on every processor.
        .relaxed_simd_deterministic(true);
    Engine::new(&config).map_err(SandboxError::Runtime)
}

/// Digest of everything about the runtime that compiled code depends on.
pub(crate) fn compatibility(engine: &Engine) -> [u8; 32] {
    let mut digest = DigestHasher(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut digest);
    digest.0.finish()
}

/// Feeds `Hash` into SHA-256.
struct DigestHasher(Sha256);

impl Hasher for DigestHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Not used: the digest is taken out instead.
    fn finish(&self) -> u64 {
        0
    }
}
