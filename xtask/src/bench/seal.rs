//! Sealing and opening: `crates/sealing/examples/throughput.rs`, on one core.

use std::process::Command;

use super::bed::{Bed, failed};
use crate::error::XtaskError;
use crate::repo::succeeds;

pub(super) fn run(bed: &Bed<'_>) -> Result<(), XtaskError> {
    let mut command = Command::new(bed.example("throughput"));
    command.arg("256");
    if succeeds(&mut command)? {
        Ok(())
    } else {
        Err(failed(&command, ""))
    }
}
