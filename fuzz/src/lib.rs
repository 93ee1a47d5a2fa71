//! What the fuzz targets share: parties with fixed keys, so that a corpus stays valid, and a fuzzer
//! gets past the signatures that it could never forge.

mod fixed;
mod heap;

pub use fixed::{
    Broker, FixedRng, broker, identity, pending_release, platform_key, run_keys, signing_key,
    token_issuer,
};
pub use heap::{HeapBound, bound_heap};
