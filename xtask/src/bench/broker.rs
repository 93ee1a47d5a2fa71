//! Durable releases a second: `crates/brokerd/examples/release_throughput.rs`.

use std::process::Command;

use super::bed::{Bed, failed};
use crate::error::XtaskError;
use crate::repo::succeeds;

/// It is built apart, since it needs no WebAssembly.
const RUN: &[&str] = &[
    "run",
    "--quiet",
    "--release",
    "--locked",
    "--package=adyton-brokerd",
    "--example=release_throughput",
    "--",
];

pub(super) fn run(bed: &Bed<'_>) -> Result<(), XtaskError> {
    let mut command = Command::new("cargo");
    command
        .current_dir(bed.repo.root())
        .args(RUN)
        .arg(bed.path("."));
    if succeeds(&mut command)? {
        Ok(())
    } else {
        Err(failed(&command, ""))
    }
}
