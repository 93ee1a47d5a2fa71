//! One module a command: its arguments, what it does, what it prints.

pub(crate) mod broker;
pub(crate) mod build;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod endorsements;
pub(crate) mod inspect;
pub(crate) mod keygen;
pub(crate) mod log;
pub(crate) mod lookup;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod open;
pub(crate) mod policy;
pub(crate) mod receipt;
pub(crate) mod reference;
pub(crate) mod run;
pub(crate) mod seal;
pub(crate) mod secret;
pub(crate) mod tee;
pub(crate) mod tpm;
pub(crate) mod verify;

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::args::{Args, Command};
use crate::out::written;
use crate::{Failure, Out};

/// Prints what clap has to say: the help, the version, or what is wrong with the arguments.
pub(crate) fn usage(error: &clap::Error, as_json: bool) -> ExitCode {
    let text = error.render();
    let wrong = Failure::usage(text.to_string().trim_start_matches("error: ").trim_end());
    match (error.use_stderr(), as_json) {
        (true, true) => wrong.report(true),
        (stderr, _) => {
            let printed = error.print();
            match (stderr, printed) {
                // A closed output leaves the exit code to speak.
                (true, _) => wrong.exit(),
                (false, printed) => match written(printed) {
                    Ok(()) => ExitCode::SUCCESS,
                    Err(failure) => failure.report(as_json),
                },
            }
        }
    }
}

/// Does what a command says.
pub(crate) fn run(command: Command, out: Out) -> Result<(), Failure> {
    match command {
        Command::Demo(args) => demo::run(&args, out),
        Command::New(args) => new::run(&args, out),
        Command::Build(args) => build::run(&args, out),
        Command::Measure(args) => build::measure(&args, out),
        Command::Inspect(args) => inspect::run(&args, out),
        Command::Keygen(args) => keygen::run(&args, out),
        Command::Seal(args) => seal::run(&args, out),
        Command::Open(args) => open::run(&args, out),
        Command::Run(args) => run::run(args, out),
        Command::Receipt(command) => receipt::run(&command, out),
        Command::Verify(args) => verify::run(&args, out),
        Command::Endorsements(command) => endorsements::run(&command, out),
        Command::Reference(command) => reference::run(&command, out),
        Command::Tee(command) => tee::run(&command, out),
        Command::Tpm(command) => tpm::run(&command, out),
        Command::Broker(command) => broker::run(&command, out),
        Command::Secret(command) => secret::run(&command, out),
        Command::Policy(command) => policy::run(&command, out),
        Command::Log(command) => log::run(&command, out),
        Command::Lookup(command) => lookup::run(&command, out),
        Command::Completions(args) => completions::run(&args, Args::command(), out),
        Command::Man(args) => man::run(&args, Args::command(), out),
    }
}
