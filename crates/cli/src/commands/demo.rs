use crate::{Failure, Out};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_args: &Args, _out: Out) -> Result<(), Failure> {
    Err(Failure::misuse("not yet"))
}
