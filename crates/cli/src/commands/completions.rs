use clap_complete::Shell;

use crate::{Failure, Out};

/// Prints a completion script.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  adyton completions bash > ~/.local/share/bash-completion/completions/adyton"
)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: &Args, mut command: clap::Command, out: Out) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "adyton", &mut script);
    out.raw(&script)
}
