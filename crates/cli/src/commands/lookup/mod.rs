//! Private contact discovery: serving a table, loading it, and asking.

mod bench;
mod keys;
mod load;
mod parquet;
mod query;
mod serve;
mod service;
mod status;
mod tokens;

use crate::failure::failure_from;
use crate::{Failure, Out};

/// What can be done with private look-ups.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make the key by which a table's owner loads and changes it
    OwnerKey(keys::OwnerKeyArgs),
    /// Serve look-ups in an enclave of this machine; its owner loads the table then
    Serve(serve::Args),
    /// Load a table into a service, or change the one that serves
    Load(load::Args),
    /// Ask a service which keys are in its table, without telling anybody which
    Query(query::Args),
    /// Show what a running service counts
    Status(status::Args),
    /// Tokens that limit how much may be asked, and tell nobody who asks
    #[command(subcommand)]
    Tokens(tokens::Command),
    /// Measure a service on this machine
    Bench(bench::Args),
}

failure_from!(
    adyton_client::LookupClientError,
    adyton_lookup::KeyError,
    adyton_lookup::RecordError,
    adyton_lookupd::LookupdError,
);

pub(crate) fn run(command: &Command, out: Out) -> Result<(), Failure> {
    match command {
        Command::OwnerKey(args) => keys::run(args, out),
        Command::Serve(args) => serve::run(args, out),
        Command::Load(args) => load::run(args, out),
        Command::Query(args) => query::run(args, out),
        Command::Status(args) => status::run(args, out),
        Command::Tokens(command) => tokens::run(command, out),
        Command::Bench(args) => bench::run(args, out),
    }
}
