//! The project's own checks, without a tool that has to be installed first.
//!
//! `cargo xtask` lists the commands. Each check prints what it found as `place: rule: text`, and
//! fails if there is anything.

mod bench;
mod ci;
mod commands;
mod corpus;
mod deps;
mod error;
mod findings;
mod fuzz;
mod guests;
mod layers;
mod metadata;
mod oblivious;
mod out;
mod paths;
mod repo;
mod rust_source;
mod suite;
mod tidy;

use std::process::ExitCode;

use error::XtaskError;
use findings::Findings;
use repo::Repo;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(findings) => {
            findings.print();
            if findings.failed() {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            }
        }
        Err(error) => {
            out::error(&format!("xtask: {error}"));
            ExitCode::from(2)
        }
    }
}

fn run(words: &[&str]) -> Result<Findings, XtaskError> {
    let repo = Repo::find()?;
    match *words {
        ["layers"] => layers::run(&repo),
        ["layers", "--trusted", krate] => layers::trusted(&repo, krate),
        ["tidy"] => tidy::run(&repo),
        ["deps"] => deps::run(&repo),
        ["commands"] => commands::documented(&repo),
        ["corpus"] => corpus::run(&repo, &corpus::default_directory()?),
        ["corpus", directory] => corpus::run(&repo, directory),
        ["guests"] => guests::run(&repo),
        ["fuzz", target] => fuzz::run(&repo, target, fuzz::DEFAULT_SECS),
        ["fuzz", target, "--secs", secs] => {
            let secs = secs.parse().map_err(|_| XtaskError::Usage)?;
            fuzz::run(&repo, target, secs)
        }
        ["oblivious"] => oblivious::run(&repo),
        ["oblivious", "--brief"] => oblivious::brief(&repo),
        ["oblivious", "--scan", program] => oblivious::scan(&repo, program),
        ["bench", ref rest @ ..] => bench::run(&repo, rest),
        ["ci", ref rest @ ..] => ci::run(&repo, rest),
        _ => Err(XtaskError::Usage),
    }
}
