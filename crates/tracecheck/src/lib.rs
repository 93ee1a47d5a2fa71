//! Evidence that the oblivious code is oblivious: [`scan`] reads its instructions, [`compare`]
//! single-steps it on many secrets and compares every address. Both must find the leaks that the
//! `victim` has on purpose.

mod calls;
mod ciphertexts;
mod compare;
mod error;
mod known;
mod poison;
mod scan;
mod step;

pub use compare::{Extent, addresses, ciphertexts, compare};
pub use error::TraceError;
pub use known::{JOIN_CAPACITY, JOIN_RECORDS, MAP_STEPS, mix};
pub use poison::poisoned;
pub use scan::{Finding, scan};
