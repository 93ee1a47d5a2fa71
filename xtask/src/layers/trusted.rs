use std::collections::BTreeMap;
use std::path::Path;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::metadata::Metadata;
use crate::out;
use crate::repo::{Repo, read};
use crate::rust_source::{code_lines, is_test_file, tokens, without_tests};

/// Prints which crates are reached from one, and how many lines of code each has, tests left out:
/// what has to be right for that crate to be right, beside the compiler and the standard library.
pub(crate) fn run(repo: &Repo, krate: &str) -> Result<Findings, XtaskError> {
    let metadata = Metadata::load(repo)?;
    metadata.member(krate)?;
    let mut own = BTreeMap::new();
    let mut foreign = BTreeMap::new();
    // Macros run in the compiler, and are no part of what is linked.
    let words = ["--package", krate, "--edges", "normal,no-proc-macro"];
    for package in metadata.tree(repo, &words)? {
        let lines = lines_below(&package.folder().join("src"))?;
        let table = if package.source.is_none() {
            &mut own
        } else {
            &mut foreign
        };
        table.insert(format!("{} {}", package.name, package.version), lines);
    }
    print_table("this workspace", &own);
    print_table("from elsewhere", &foreign);
    Ok(Findings::default())
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
