//! Verifies every recorded piece of Evidence in a directory of vectors, prints what came of it by
//! kind, and compares with the verdict that the directory's index lists. Run it by
//! `cargo xtask corpus DIR`.
//!
//! A verdict that differs has to be explained in `docs/evidence/README.md`, which names the file; one
//! that is not makes the run fail.

mod index;
mod intel;
mod others;
mod table;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use index::Index;
use table::Table;

fn main() -> std::io::Result<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(directory), Some(documentation)) = (arguments.next(), arguments.next()) else {
        writeln!(std::io::stderr(), "usage: corpus VECTORS DOCUMENTATION")?;
        return Ok(ExitCode::from(64));
    };
    let index = Index::read(&PathBuf::from(directory))?;
    let explained = std::fs::read_to_string(documentation)?;
    let mut table = Table::default();
    intel::run(&index, &mut table)?;
    others::run(&index, &mut table)?;
    let mut out = std::io::stdout().lock();
    write!(out, "{table}")?;
    let unexplained = table.unexplained(&explained);
    for line in &unexplained {
        writeln!(out, "NOT EXPLAINED: {line}")?;
    }
    Ok(match unexplained.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
