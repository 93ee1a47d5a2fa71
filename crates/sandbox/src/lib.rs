//! Runs one WebAssembly component of the WASI 0.2 world `wasi:cli/command` under wasmtime, in
//! surroundings that hold nothing but what its manifest declares: arguments, environment, the
//! files `/in/NAME`, which it can read and seek, and `/out/NAME`, which it can write in order.
//!
//! The host side of WASI is this crate's own and small: no thread, no socket, no file and no clock
//! of the operating system is behind it. Inputs and outputs are streams that the caller hands in;
//! whatever their size, the host holds at most one buffer of them. Linear memory comes from a
//! [`PageSource`], which in an enclave gives pages that the host cannot read.
//!
//! Compiled code is loaded from a cache only under a MAC ([`CacheError`]).

mod budget;
mod code_cache;
mod error;
mod guest;
mod host;
mod memory;
mod ordinary_pages;
mod outcome;
mod pages;
mod prepared;
mod runtime;
mod sandbox;
mod secret_pages;

pub use code_cache::CacheError;
pub use error::SandboxError;
pub use guest::{Clock, Guest, HostClock, Input, InputFile, Output, OutputFile};
pub use ordinary_pages::OrdinaryPages;
pub use outcome::{Ending, FileFailure, FinishedOutput, Outcome};
pub use pages::{PageSource, Pages};
pub use prepared::Prepared;
pub use sandbox::{DEFAULT_STACK_BYTES, Preparation, Program, Sandbox, SandboxConfig};
pub use secret_pages::SecretPages;
