//! Makes of whatever a compiler gives the one kind of program that a bundle holds: a WebAssembly
//! component that exports `wasi:cli/run` and imports nothing but what the sandbox provides.
//!
//! Pure: bytes in, bytes out, and the same bytes each time, so that a program built twice has one
//! measurement.

mod componentize;
mod enclave;
mod error;
mod exit;
mod interfaces;
mod own_pages;

pub use componentize::{MAX_PROGRAM_BYTES, componentize};
pub use error::ComponentizeError;
pub use interfaces::{Interfaces, describe, is_provided, is_run};
