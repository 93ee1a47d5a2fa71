use clap::{Parser, Subcommand};

use crate::commands::{
    broker, build, completions, demo, endorsements, inspect, keygen, log, lookup, man, new, open,
    policy, receipt, reference, run, seal, secret, tee, tpm, verify,
};

/// Run a program on data that only that program may read, on a machine whose owner nobody has to
/// trust, and prove it.
#[derive(Debug, Parser)]
#[command(name = "adyton", version, propagate_version = true, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print results (and errors) as JSON
    #[arg(long, global = true, display_order = 900)]
    pub(crate) json: bool,
    /// Print results only, no progress
    #[arg(long, short, global = true, display_order = 901)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  adyton demo                                    see all of it happen, attacks included
  adyton new --lang c my-program --to age1...    start a program
  adyton build my-program                        make its bundle
  adyton seal patients.csv --to age1...          seal data
  adyton run my-program.adyton --input data=patients.csv.age --broker HOST:PORT#ID

Exit codes: 0 done, 2 malformed input, 3 rejected (not authentic or not allowed),
4 stale (fetch anew), 5 unavailable (try again), 64 wrong usage, 70 asked for the impossible.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the whole thing on this machine: three owners, one program, one result, and every attack
    Demo(demo::Args),
    /// Start a program from a template
    New(new::Args),
    /// Make a bundle: one file with the program and all that it may do
    Build(build::Args),
    /// Print a bundle's program measurement
    Measure(build::MeasureArgs),
    /// Show what a bundle is and may do, or what Evidence of a TEE states, in plain words
    Inspect(inspect::Args),
    /// Make a key pair to seal files to, or one to sign with
    Keygen(keygen::Args),
    /// Seal a file to recipients (age v1)
    Seal(seal::Args),
    /// Open a sealed file
    Open(open::Args),
    /// Run a bundle on sealed inputs, inside an enclave
    Run(run::Args),
    /// Verify or show a run's receipt, offline
    #[command(subcommand)]
    Receipt(receipt::Command),
    /// Verify Evidence of a TEE of any vendor, and say what was checked
    Verify(Box<verify::Args>),
    /// What vendors say of their machines: fetch it, show it
    #[command(subcommand)]
    Endorsements(endorsements::Command),
    /// Lists of Reference Values: which measurements are acceptable, signed by who knows
    #[command(subcommand)]
    Reference(reference::Command),
    /// The Trusted Execution Environments of this machine
    #[command(subcommand)]
    Tee(tee::Command),
    /// The TPM of a machine: which it is, and its enrolment
    #[command(subcommand)]
    Tpm(tpm::Command),
    /// A data owner's key broker
    #[command(subcommand)]
    Broker(broker::Command),
    /// The secrets that a broker holds
    #[command(subcommand)]
    Secret(secret::Command),
    /// Release documents: what a data owner allows
    #[command(subcommand)]
    Policy(policy::Command),
    /// A broker's decision log
    #[command(subcommand)]
    Log(log::Command),
    /// Private contact discovery: who is registered, without telling whom one asks about
    #[command(subcommand)]
    Lookup(lookup::Command),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Write the manual pages
    Man(man::Args),
}
