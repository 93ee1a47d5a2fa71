//! Runs the fuzz targets of `fuzz/` with the stable compiler: LLVM's coverage pass is asked for by
//! plain code generation options, and libFuzzer is built by the crate `libfuzzer-sys`. No address
//! sanitizer: the parsers hold no `unsafe`.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::out;
use crate::repo::{Repo, output, succeeds};

/// Enough to run the seeds and look around; a long search is for a night.
pub(crate) const DEFAULT_SECS: u64 = 20;

/// What cargo-fuzz passes, without what needs the nightly compiler.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

#[derive(Debug, Deserialize)]
struct Manifest {
    bin: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
}

/// Fuzzes one target, or `all`, as many at once as there are cores, for so many seconds each.
pub(crate) fn run(repo: &Repo, wanted: &str, secs: u64) -> Result<Findings, XtaskError> {
    let targets: Vec<String> = targets(repo)?
        .into_iter()
        .filter(|name| wanted == "all" || wanted == name)
        .collect();
    if targets.is_empty() {
        return Err(XtaskError::Unknown {
            what: "fuzz target",
            name: wanted.to_owned(),
            known: self::targets(repo)?.join(", "),
        });
    }
    let host = host()?;
    let folder = repo.build_folder().join("fuzz");
    build(repo, &host, &folder, &targets)?;
    let mut findings = Findings::default();
    out::line(&format!("{} targets, {secs} s each", targets.len()));
    // A fuzzer takes one core.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for together in targets.chunks(cores) {
        for (target, fuzzed) in
            side_by_side(together, |target| fuzz(repo, &folder, &host, target, secs))
        {
            let Fuzzed { held, said } = fuzzed?;
            if held {
                out::line(&format!("fuzz {target}: {}", statistics(&said)));
            } else {
                out::line(&said);
                let artifacts = folder.join("artifacts");
                let why = format!("failed; see {}", artifacts.display());
                findings.fault(target, "fuzz", &why);
            }
        }
    }
    Ok(findings)
}

/// How a target's run ended.
struct Fuzzed {
    /// Nothing was found.
    held: bool,
    /// What libFuzzer printed.
    said: String,
}

/// What came of each, all at once.
fn side_by_side<'a, T: Send>(
    targets: &'a [String],
    run: impl Fn(&'a str) -> T + Sync,
) -> Vec<(&'a str, T)> {
    std::thread::scope(|scope| {
        let run = &run;
        let started: Vec<_> = targets
            .iter()
            .map(|target| (target.as_str(), scope.spawn(move || run(target))))
            .collect();
        started
            .into_iter()
            .map(|(target, thread)| match thread.join() {
                Ok(result) => (target, result),
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}

/// `stat::number_of_executed_units: 712` and its like, in a line.
fn statistics(said: &str) -> String {
    let stat = |name: &str| {
        let line = said
            .lines()
            .find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
        line.and_then(|rest| rest.strip_prefix(':'))
            .unwrap_or("?")
            .trim()
            .to_owned()
    };
    format!(
        "{} executions, {} inputs kept, slowest {} s, {} MB",
        stat("number_of_executed_units"),
        stat("new_units_added"),
        stat("slowest_unit_time_sec"),
        stat("peak_rss_mb")
    )
}

fn targets(repo: &Repo) -> Result<Vec<String>, XtaskError> {
    let manifest: Manifest =
        toml::from_str(&repo.read("fuzz/Cargo.toml")?).map_err(|error| XtaskError::Parse {
            what: "fuzz/Cargo.toml".to_owned(),
            why: error.to_string(),
        })?;
    Ok(manifest.bin.into_iter().map(|target| target.name).collect())
}

fn host() -> Result<String, XtaskError> {
    let text = output(Command::new("rustc").arg("-vV"))?;
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| XtaskError::Parse {
            what: "rustc -vV".to_owned(),
            why: "it names no host".to_owned(),
        })
}

fn build(repo: &Repo, host: &str, folder: &Path, targets: &[String]) -> Result<(), XtaskError> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(repo.root().join("fuzz"));
    // With a target named, the flags reach neither build scripts nor macros.
    cargo
        .args(["build", "--locked", "--target", host])
        .arg("--target-dir")
        .arg(folder);
    for target in targets {
        cargo.args(["--bin", target]);
    }
    cargo.env("RUSTFLAGS", FLAGS);
    if succeeds(&mut cargo)? {
        return Ok(());
    }
    Err(XtaskError::Failed {
        command: "cargo build, in fuzz/".to_owned(),
        stderr: "see above".to_owned(),
    })
}

fn fuzz(
    repo: &Repo,
    folder: &Path,
    host: &str,
    target: &str,
    secs: u64,
) -> Result<Fuzzed, XtaskError> {
    let found = folder.join("corpus").join(target);
    let artifacts = folder.join("artifacts").join(target);
    for made in [&found, &artifacts] {
        std::fs::create_dir_all(made).map_err(|source| XtaskError::Read {
            path: made.clone(),
            source,
        })?;
    }
    let mut fuzzer = Command::new(folder.join(host).join("debug").join(target));
    fuzzer.arg(&found);
    let seeds = repo.root().join("fuzz/corpus").join(target);
    if seeds.is_dir() {
        fuzzer.arg(seeds);
    }
    fuzzer.arg(format!("-artifact_prefix={}/", artifacts.display()));
    fuzzer.arg(format!("-max_total_time={secs}"));
    // One input must neither hang nor make the parser ask for much memory.
    fuzzer.args([
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-max_len=65536",
        "-verbosity=0",
    ]);
    fuzzer.arg("-print_final_stats=1");
    let done = fuzzer.output().map_err(|source| XtaskError::Start {
        command: format!("{fuzzer:?}"),
        source,
    })?;
    let said = [done.stdout, done.stderr].concat();
    Ok(Fuzzed {
        held: done.status.success(),
        said: String::from_utf8_lossy(&said).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_found_among_what_is_said() {
        let said = "INFO: x\nstat::number_of_executed_units: 712\nstat::new_units_added:          3\n\
                    stat::slowest_unit_time_sec:    0\nstat::peak_rss_mb:              28\n";
        assert_eq!(
            statistics(said),
            "712 executions, 3 inputs kept, slowest 0 s, 28 MB"
        );
        assert!(statistics("").starts_with("? executions"));
    }

    #[test]
    fn all_of_a_group_are_run_and_told_in_order() {
        let targets = ["a", "b", "c"].map(str::to_owned);
        let told = side_by_side(&targets, |target| target.to_uppercase());
        let expected = [("a", "A"), ("b", "B"), ("c", "C")].map(|(t, r)| (t, r.to_owned()));
        assert_eq!(told, expected);
    }
}
