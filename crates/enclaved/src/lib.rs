//! The enclave of one run: a process that shuts itself in, measures its program, attests, gets the
//! keys of its inputs, runs the program, seals the outputs and signs a receipt.
//!
//! It is the same executable as everything else (`adyton`), entered by
//! [`enter_if_asked`] before anything else happens. The one opening to its host is the hatch on
//! its standard input.

mod error;
mod guest;
mod handed;
mod host_clock;
mod inputs;
mod keys;
mod laps;
mod outputs;
mod process;
mod session;
mod witness;

pub use adyton_shield::SecretAlloc;
pub use process::{ENCLAVE_ARGUMENT, LEAST_SECRET_BYTES, enter_if_asked};
