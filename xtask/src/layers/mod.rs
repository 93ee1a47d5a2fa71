//! The layers of `layers.toml`: which crate may use which, and what each may do.

mod arrows;
mod file;
mod purity;
mod trusted;

pub(crate) use trusted::run as trusted;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::metadata::Metadata;
use crate::out;
use crate::repo::Repo;
use file::Layers;

/// Prints the table and finds every arrow, `unsafe` and I/O that is not where it may be.
pub(crate) fn run(repo: &Repo) -> Result<Findings, XtaskError> {
    let layers = Layers::load(repo)?;
    let metadata = Metadata::load(repo)?;
    let mut findings = arrows::run(&layers, &metadata);
    findings.append(purity::run(repo, &layers, &metadata)?);
    for layer in layers.layers().iter().rev() {
        out::line(&format!("{:<12}{}", layer.name, layer.crates.join("  ")));
    }
    Ok(findings)
}
