//! The Rust SDK: what the `adyton` command does, as functions. The command only wraps them.
//!
//! [`build`] makes bundles, [`seal_file`] and [`open_file`] handle sealed data, [`run`] runs a
//! bundle in an enclave of this machine. That is the host's side: nothing of it is trusted by a data
//! owner. [`LookupClient`] asks a private look-up service, [`LookupOwner`] loads one: they are the
//! side that trusts nobody but the enclave.

mod brokers;
mod build;
mod code_cache;
mod file_error;
mod launch;
mod lookup;
mod machine;
mod new_file;
mod output_files;
mod places;
mod plan;
mod read_file;
mod run;
mod run_error;
mod run_request;
mod seal_file;
mod verify_log;

pub use build::{BuildError, build, read_manifest};
pub use file_error::FileError;
pub use launch::ENCLAVE_ARGUMENT;
pub use lookup::{LookupClient, LookupClientError, LookupOwner, LookupPins};
pub use new_file::{Access, Existing, NewFile};
pub use read_file::read_file;
pub use run::{now, run};
pub use run_error::RunError;
pub use run_request::{Observer, Output, Placement, RunReport, RunRequest, Source, Step};
pub use seal_file::{
    ReadFrom, SealFileError, WriteTo, open_file, read_identity, seal_file, sha256_file,
};
pub use verify_log::{LogError, Shown, verify_log};
