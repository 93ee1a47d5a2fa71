//! Verifies every recorded piece of Evidence in a directory of vectors, prints what came of it by
//! kind, and compares with the verdict that the directory's index lists. Run it by
//! `cargo xtask corpus DIR`.
//!
//! A verdict that differs has to be explained in `docs/evidence/README.md`, which names the file; one
//! that is not makes the run fail.

mod gpus;
mod hcl;
mod index;
mod intel;
mod logs;
mod oak;
mod others;
mod pieces;
mod quotes;
mod table;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use index::Index;
use others::Vendors;
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
    let mut vendors = Vendors::read(&index)?;
    others::run(&index, &vendors, &mut table)?;
    hcl::run(&index, &vendors, &mut table)?;
    oak::run(&index, &mut vendors, &mut table)?;
    quotes::run(&index, &mut table)?;
    logs::run(&index, &mut table)?;
    gpus::run(&index, &mut table)?;
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
