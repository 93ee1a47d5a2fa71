//! The host side of WASI 0.2 and of `adyton:enclave`: one file an interface package.

pub(crate) mod bindings;
mod cli;
mod clocks;
mod errors;
mod files;
mod filesystem;
mod network;
mod oblivious_map;
mod random;
mod resources;
mod state;
mod streams;
mod tree;

pub(crate) use errors::Exit;
pub(crate) use network::add_to_linker;
pub(crate) use state::Host;
