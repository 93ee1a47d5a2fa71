//! Evidence that the oblivious code is oblivious, on a release build.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::out;
use crate::repo::{Repo, succeeds};

/// The section that all oblivious code is in, whatever program it is linked into.
const SECTION: &str = "oblivious_text";

/// Builds what is looked at, then scans it, compares its traces and what ciphertexts show, and runs
/// memcheck on it.
pub(crate) fn run(repo: &Repo) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    if !build(repo, &[], None, &mut findings)? {
        return Ok(findings);
    }
    let victim = repo.built("release").join("victim");
    for what in ["scan", "trace", "ciphertexts"] {
        check(repo, &[what], &victim, &mut findings)?;
    }
    // Memcheck takes the allocator's place, which it cannot in a program with a C library inside.
    let folder = repo.build_folder().join("dynamic");
    let apart = ["--target-dir".as_ref(), folder.as_os_str()];
    if build(repo, &apart, Some(DYNAMIC), &mut findings)? {
        let built = repo.built("release");
        let within = built.strip_prefix(repo.build_folder()).unwrap_or(&built);
        let victim = folder.join(within).join("victim");
        check(repo, &["poison"], &victim, &mut findings)?;
    }
    Ok(findings)
}

/// The part of it that takes a minute.
pub(crate) fn brief(repo: &Repo) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    if build(repo, &[], None, &mut findings)? {
        let victim = repo.built("release").join("victim");
        check(repo, &["scan"], &victim, &mut findings)?;
        check(repo, &["trace", "brief"], &victim, &mut findings)?;
    }
    Ok(findings)
}

/// Scans a program that somebody else built, with its symbols.
pub(crate) fn scan(repo: &Repo, program: &str) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    out::line(&format!("{program}: section {SECTION}"));
    check(repo, &["scan"], Path::new(program), &mut findings)?;
    Ok(findings)
}

/// Flags instead of those of `.cargo/config.toml`, which make static programs.
const DYNAMIC: &str = "--cfg=getrandom_backend=\"linux_getrandom\"";

fn build(
    repo: &Repo,
    words: &[&OsStr],
    flags: Option<&str>,
    findings: &mut Findings,
) -> Result<bool, XtaskError> {
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
    cargo
        .args(words)
        .envs(flags.map(|flags| ("RUSTFLAGS", flags)));
    let built = succeeds(&mut cargo)?;
    if !built {
        findings.fault("cargo", "build", "failed");
    }
    Ok(built)
}

/// Runs the tool on a program.
fn check(
    repo: &Repo,
    words: &[&str],
    program: &Path,
    findings: &mut Findings,
) -> Result<(), XtaskError> {
    let mut tracecheck = Command::new(repo.built("release").join("tracecheck"));
    let (what, rest) = words.split_first().unwrap_or((&"", &[]));
    if !succeeds(tracecheck.arg(what).arg(program).args(rest))? {
        findings.fault("oblivious", what, "failed, see above");
    }
    Ok(())
}
