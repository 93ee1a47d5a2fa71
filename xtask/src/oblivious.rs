//! Evidence that the oblivious code is oblivious, on a release build.

use std::path::Path;
use std::process::Command;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::out;
use crate::repo::{Repo, succeeds};

/// The section that all oblivious code is in, whatever program it is linked into.
const SECTION: &str = "oblivious_text";

/// Builds what is looked at, then scans it, compares its traces and runs memcheck on it.
pub(crate) fn run(repo: &Repo) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    let mut cargo = Command::new("cargo");
    cargo.current_dir(repo.root()).args([
        "build",
        "--release",
        "--locked",
        "--package",
        "adyton-tracecheck",
        // By their names the scanner tells calls that end the program from others.
        "--config",
        "profile.release.strip=\"none\"",
    ]);
    if !succeeds(&mut cargo)? {
        findings.fault("cargo", "build", "failed");
        return Ok(findings);
    }
    let built = repo.build_folder().join("release");
    let victim = built.join("victim");
    for what in ["scan", "trace", "poison"] {
        check(&built, what, &victim, &mut findings)?;
    }
    Ok(findings)
}

/// Scans a program that somebody else built, with its symbols.
pub(crate) fn scan(repo: &Repo, program: &str) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    let built = repo.build_folder().join("release");
    out::line(&format!("{program}: section {SECTION}"));
    check(&built, "scan", Path::new(program), &mut findings)?;
    Ok(findings)
}

fn check(
    built: &Path,
    what: &'static str,
    program: &Path,
    findings: &mut Findings,
) -> Result<(), XtaskError> {
    let mut tracecheck = Command::new(built.join("tracecheck"));
    if !succeeds(tracecheck.arg(what).arg(program))? {
        findings.fault("oblivious", what, "failed, see above");
    }
    Ok(())
}
