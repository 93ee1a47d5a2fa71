//! `cargo test` as the README says it, with one line at the end for all crates together.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::out;
use crate::repo::Repo;

const COMMAND: &str = "cargo test --workspace --locked --no-fail-fast";

/// Runs every test.
pub(crate) fn run(repo: &Repo) -> Result<Findings, XtaskError> {
    let mut words = COMMAND.split(' ');
    let mut cargo = Command::new(words.next().unwrap_or_default());
    cargo
        .args(words)
        .current_dir(repo.root())
        .stdout(Stdio::piped());
    let start = |source| XtaskError::Start {
        command: COMMAND.to_owned(),
        source,
    };
    let mut child = cargo.spawn().map_err(start)?;
    let mut tally = Tally::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.map_err(start)?;
            tally.add(&line);
            out::line(&line);
        }
    }
    let mut findings = Findings::default();
    if !child.wait().map_err(start)?.success() {
        findings.fault("cargo", "test", "failed");
    } else if tally.passed == 0 {
        findings.fault("cargo", "test", "ran no test");
    }
    let Tally {
        passed,
        failed,
        ignored,
    } = tally;
    out::line(&format!(
        "{passed} passed, {failed} failed, {ignored} skipped"
    ));
    Ok(findings)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Tally {
    /// Adds what a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; ...` says.
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        let words: Vec<&str> = result
            .split([' ', ';', '.'])
            .filter(|w| !w.is_empty())
            .collect();
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<u64>() else {
                continue;
            };
            match pair[1] {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_added_up() {
        let mut tally = Tally::default();
        tally.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
        tally.add("test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured");
        tally.add("5 passed");
        assert_eq!(
            tally,
            Tally {
                passed: 5,
                failed: 4,
                ignored: 1
            }
        );
    }
}
