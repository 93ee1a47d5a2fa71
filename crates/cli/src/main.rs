//! The `adyton` command.
//!
//! Run without arguments it says what it can do; run as `adyton enclave` or `adyton lookup-enclave`
//! by itself (hidden from the help) it becomes the enclave of one run, or of a look-up service.

mod accept;
mod args;
mod commands;
mod demo;
mod failure;
mod fetching;
mod machine;
mod named;
mod out;
mod places;
mod platform;
mod printable;
mod signing_key;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Args;
use crate::failure::Failure;
use crate::out::Out;

/// The system's allocator, until a process turns itself into an enclave: from then on every
/// allocation comes from pages that the kernel itself cannot map.
#[global_allocator]
static ALLOCATOR: adyton_enclaved::SecretAlloc = adyton_enclaved::SecretAlloc::new();

fn main() -> ExitCode {
    if let Some(status) = adyton_enclaved::enter_if_asked(&ALLOCATOR) {
        return status;
    }
    if let Some(status) = adyton_lookupd::enter_if_asked(&ALLOCATOR) {
        return status;
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let as_json = std::env::args_os().any(|argument| argument == "--json");
            return commands::usage(&error, as_json);
        }
    };
    let out = Out::new(args.json, args.quiet);
    match commands::run(args.command, out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(args.json),
    }
}
