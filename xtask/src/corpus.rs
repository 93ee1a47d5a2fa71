//! Verifies recorded Evidence and compares with the verdicts that are listed with it.

use std::process::Command;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::repo::{Repo, succeeds};

/// Where differences from the listed verdicts are explained.
const EXPLAINED: &str = "docs/evidence/README.md";

/// The directory that the environment names.
#[expect(
    clippy::disallowed_methods,
    reason = "where recorded Evidence is, is told from outside: it is not part of the repository"
)]
pub(crate) fn default_directory() -> Result<String, XtaskError> {
    std::env::var("ADYTON_VECTORS").map_err(|_| XtaskError::Usage)
}

/// Builds the verifier's example `corpus` and runs it: all of the Verifier is its dependency, and
/// none of this program's.
pub(crate) fn run(repo: &Repo, directory: &str) -> Result<Findings, XtaskError> {
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--locked", "--quiet", "--package", "adyton-verifier"]);
    cargo.args(["--example", "corpus", "--", directory]);
    cargo.arg(repo.root().join(EXPLAINED));
    let mut findings = Findings::default();
    if !succeeds(&mut cargo)? {
        let text = "recorded Evidence has other verdicts than listed, or could not be read";
        findings.fault(directory, "corpus", text);
    }
    Ok(findings)
}
