//! Everything that has to hold before a merge, cheapest first, tests last.

use std::process::Command;
use std::time::Instant;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::repo::{Repo, output, succeeds};
use crate::{commands, deps, fuzz, guests, layers, oblivious, out, suite, tidy};

/// One step.
struct Step {
    name: &'static str,
    /// Part of `--fast`: seconds, not minutes.
    fast: bool,
    run: fn(&Repo) -> Result<Findings, XtaskError>,
}

const STEPS: [Step; 14] = [
    Step {
        name: "format",
        fast: true,
        run: format,
    },
    Step {
        name: "layers",
        fast: true,
        run: layers::run,
    },
    Step {
        name: "tidy",
        fast: true,
        run: tidy::run,
    },
    Step {
        name: "deps",
        fast: true,
        run: deps::run,
    },
    Step {
        name: "spelling",
        fast: true,
        run: spelling,
    },
    Step {
        name: "guests",
        fast: false,
        run: guests::run,
    },
    Step {
        name: "lint",
        fast: false,
        run: lint,
    },
    Step {
        name: "doc",
        fast: false,
        run: doc,
    },
    Step {
        name: "fuzz",
        fast: false,
        run: fuzz_smoke,
    },
    Step {
        name: "build",
        fast: false,
        run: build,
    },
    Step {
        name: "commands",
        fast: false,
        run: commands::documented,
    },
    Step {
        name: "demo",
        fast: false,
        run: commands::demo,
    },
    Step {
        name: "oblivious",
        fast: false,
        run: oblivious::brief,
    },
    Step {
        name: "test",
        fast: false,
        run: suite::run,
    },
];

/// Runs the steps, all of them even after one has failed, and says at the end which did.
pub(crate) fn run(repo: &Repo, words: &[&str]) -> Result<Findings, XtaskError> {
    let (only_fast, skipped) = match *words {
        [] => (false, ""),
        ["--fast"] => (true, ""),
        ["--skip", names] => (false, names),
        ["--fast", "--skip", names] => (true, names),
        _ => return Err(XtaskError::Usage),
    };
    let before = status(repo)?;
    let mut failed = Findings::default();
    for step in &STEPS {
        if only_fast && !step.fast || skipped.split(',').any(|name| name == step.name) {
            continue;
        }
        out::line(&format!("== {}", step.name));
        let start = now();
        let findings = (step.run)(repo)?;
        findings.print();
        out::line(&format!(
            "== {}: {} s",
            step.name,
            start.elapsed().as_secs()
        ));
        if findings.failed() {
            failed.fault("ci", step.name, "failed");
        }
    }
    let after = status(repo)?;
    if after != before {
        failed.fault(
            "ci",
            "clean",
            &format!("the steps changed the work tree:\n{after}"),
        );
    }
    Ok(failed)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a step's duration is for the reader"
)]
fn now() -> Instant {
    Instant::now()
}

fn status(repo: &Repo) -> Result<String, XtaskError> {
    let mut git = Command::new("git");
    git.current_dir(repo.root()).args(["status", "--porcelain"]);
    output(&mut git)
}

fn cargo(
    repo: &Repo,
    words: &[&str],
    variable: Option<(&str, &str)>,
) -> Result<Findings, XtaskError> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(repo.root()).args(words).envs(variable);
    let mut findings = Findings::default();
    if !succeeds(&mut cargo)? {
        findings.fault("cargo", words[0], "failed");
    }
    Ok(findings)
}

fn format(repo: &Repo) -> Result<Findings, XtaskError> {
    let mut findings = cargo(repo, &["fmt", "--all", "--check"], None)?;
    for apart in ["fuzz/Cargo.toml", "oracles/Cargo.toml"] {
        let words = ["fmt", "--manifest-path", apart, "--", "--check"];
        findings.append(cargo(repo, &words, None)?);
    }
    Ok(findings)
}

fn lint(repo: &Repo) -> Result<Findings, XtaskError> {
    let words = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    cargo(repo, &words, None)
}

fn doc(repo: &Repo) -> Result<Findings, XtaskError> {
    let words = ["doc", "--workspace", "--no-deps", "--locked"];
    cargo(repo, &words, Some(("RUSTDOCFLAGS", "-D warnings")))
}

fn fuzz_smoke(repo: &Repo) -> Result<Findings, XtaskError> {
    fuzz::run(repo, "all", fuzz::DEFAULT_SECS)
}

/// With `typos`, which is no part of the Rust toolchain (`pip install typos`).
fn spelling(repo: &Repo) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    let mut typos = Command::new("typos");
    typos.current_dir(repo.root()).args(["--format", "brief"]);
    match succeeds(&mut typos) {
        Ok(true) => {}
        Ok(false) => findings.fault("typos", "spelling", "see above, and _typos.toml"),
        Err(_) => findings.missing("typos"),
    }
    Ok(findings)
}

/// What the tests need, the program itself included.
fn build(repo: &Repo) -> Result<Findings, XtaskError> {
    cargo(repo, &["test", "--workspace", "--locked", "--no-run"], None)
}
