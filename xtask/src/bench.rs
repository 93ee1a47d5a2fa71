//! The benchmarks behind `docs/performance.md`.

use std::process::Command;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::out;
use crate::repo::{Repo, succeeds};

/// One benchmark: a name, what it answers, and the cargo command that prints the figures.
struct Bench {
    name: &'static str,
    answers: &'static str,
    cargo: &'static [&'static str],
}

const BENCHES: [Bench; 0] = [];

/// Runs one benchmark, or lists them.
pub(crate) fn run(repo: &Repo, words: &[&str]) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    let [wanted, rest @ ..] = words else {
        for bench in &BENCHES {
            out::line(&format!("{:<10}{}", bench.name, bench.answers));
        }
        return Ok(findings);
    };
    let Some(bench) = BENCHES.iter().find(|bench| bench.name == *wanted) else {
        return Err(XtaskError::Unknown {
            what: "benchmark",
            name: (*wanted).to_owned(),
            known: BENCHES.map(|bench| bench.name).join(", "),
        });
    };
    let mut cargo = Command::new("cargo");
    cargo.current_dir(repo.root()).args(bench.cargo).args(rest);
    if !succeeds(&mut cargo)? {
        findings.fault(bench.name, "bench", "failed");
    }
    Ok(findings)
}
