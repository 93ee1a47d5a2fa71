use std::path::PathBuf;

use crate::{Failure, Out, demo};

const EXAMPLES: &str = "\
Examples:
  adyton demo                     runs in a temporary directory, which is removed
  adyton demo --keep /tmp/hearts  leaves everything there to look at

Three hospitals (the UCI heart disease records) let one program learn from all their records; no
hospital shows them to anybody. Then everything is attacked. As root, that includes its memory.";

/// Shows the whole thing on this machine.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Work in this directory, which must not be there yet, and leave it
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    demo::run(args.keep.as_deref(), out)
}
