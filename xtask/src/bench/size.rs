//! Size of the program, and of what it is made of.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use super::bed::{Bed, at, failed};
use super::figures::{now, table};
use crate::error::XtaskError;
use crate::out;
use crate::repo::{output, succeeds};

pub(super) fn run(bed: &Bed<'_>) -> Result<(), XtaskError> {
    let executable = bed.executable();
    let bytes = fs::metadata(&executable).map_err(at(&executable))?.len();
    let (crates, own) = dependencies(bed)?;
    let rows = [
        vec!["`adyton`, stripped, MiB".to_owned(), mib(bytes)],
        vec!["crates in it, of others".to_owned(), crates.to_string()],
        vec!["crates in it, own".to_owned(), own.to_string()],
    ];
    table(&["", ""], &rows);
    parts(bed)?;
    if bed.flags.iter().any(|flag| flag == "--cold") {
        cold(bed)?;
    } else {
        out::line("(`cargo xtask bench size --cold` also times a build from nothing)");
    }
    Ok(())
}

fn mib(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 20))
}

/// How many crates of others, and how many of this workspace, are linked into the program.
fn dependencies(bed: &Bed<'_>) -> Result<(usize, usize), XtaskError> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(bed.repo.root());
    cargo.args(["tree", "--locked", "--package=adyton", "--edges=normal"]);
    cargo.args(["--prefix=none", "--no-dedupe", "--format={p}"]);
    let tree = output(&mut cargo)?;
    let all: BTreeSet<&str> = tree
        .lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .filter(|line| !line.contains("(proc-macro)"))
        .collect();
    let own = all.iter().filter(|line| line.contains("(/")).count();
    Ok((all.len() - own, own))
}

/// The largest sections of the executable.
fn parts(bed: &Bed<'_>) -> Result<(), XtaskError> {
    let Ok(text) = output(
        Command::new("size")
            .args(["-A", "-d"])
            .arg(bed.executable()),
    ) else {
        out::line("(`size` of binutils is not installed: no sections)");
        return Ok(());
    };
    let mut sections: Vec<(u64, &str)> = text
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            let name = fields.next().filter(|name| name.starts_with('.'))?;
            Some((fields.next()?.parse().ok()?, name))
        })
        .collect();
    sections.sort_unstable_by(|a, b| b.cmp(a));
    let row = |&(bytes, name): &(u64, &str)| vec![name.to_owned(), mib(bytes)];
    let rows: Vec<Vec<String>> = sections.iter().take(6).map(row).collect();
    table(&["section", "MiB"], &rows);
    Ok(())
}

/// A build into an empty folder.
fn cold(bed: &Bed<'_>) -> Result<(), XtaskError> {
    let folder = bed.path("cold");
    let mut cargo = Command::new("cargo");
    cargo.current_dir(bed.repo.root());
    cargo.args([
        "build",
        "--quiet",
        "--release",
        "--locked",
        "--package=adyton",
    ]);
    let start = now();
    if !succeeds(cargo.arg("--target-dir").arg(&folder))? {
        return Err(failed(&cargo, ""));
    }
    let secs = start.elapsed().as_secs();
    out::line(&format!(
        "release build from nothing: {} min {} s",
        secs / 60,
        secs % 60
    ));
    fs::remove_dir_all(&folder).map_err(at(&folder))
}
