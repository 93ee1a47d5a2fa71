use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::metadata::Metadata;
use crate::out;
use crate::repo::{Repo, output, read};
use crate::rust_source::{code_lines, is_test_file, tokens, without_tests};

/// Prints which crates are reached from one, and how many lines of code each has, tests left out:
/// what has to be right for that crate to be right, beside the compiler and the standard library.
pub(crate) fn run(repo: &Repo, krate: &str) -> Result<Findings, XtaskError> {
    let metadata = Metadata::load(repo)?;
    metadata.member(krate)?;
    let mut own = BTreeMap::new();
    let mut foreign = BTreeMap::new();
    for (name, version) in reached(repo, krate)? {
        let Some(package) = metadata
            .packages
            .iter()
            .find(|package| package.name == name && package.version == version)
        else {
            continue;
        };
        let lines = lines_below(&package.folder().join("src"))?;
        let table = if package.source.is_none() {
            &mut own
        } else {
            &mut foreign
        };
        table.insert(format!("{name} {version}"), lines);
    }
    print_table("this workspace", &own);
    print_table("from elsewhere", &foreign);
    Ok(Findings::default())
}

/// Name and version of every crate that is linked in (macros that run in the compiler are not).
fn reached(repo: &Repo, krate: &str) -> Result<Vec<(String, String)>, XtaskError> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(repo.root());
    cargo.args([
        "tree",
        "--package",
        krate,
        "--edges",
        "normal,no-proc-macro",
    ]);
    cargo.args(["--prefix", "none", "--no-dedupe", "--format", "{p}"]);
    let mut found: Vec<(String, String)> = output(&mut cargo)?
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let name = words.next()?;
            let version = words.next()?.strip_prefix('v')?;
            Some((name.to_owned(), version.to_owned()))
        })
        .collect();
    found.sort();
    found.dedup();
    Ok(found)
}

fn lines_below(folder: &Path) -> Result<usize, XtaskError> {
    let fault = |source| XtaskError::Read {
        path: folder.to_path_buf(),
        source,
    };
    let mut lines = 0;
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.is_dir() {
            lines += lines_below(&path)?;
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !is_test_file(&path.to_string_lossy())
        {
            lines += code_lines(&without_tests(&tokens(&read(&path)?)));
        }
    }
    Ok(lines)
}

fn print_table(title: &str, table: &BTreeMap<String, usize>) {
    let total: usize = table.values().sum();
    out::line(&format!("{total:>8}  {title}, {} crates", table.len()));
    for (krate, lines) in table {
        out::line(&format!("{lines:>8}    {krate}"));
    }
}
