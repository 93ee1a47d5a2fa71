//! Dependencies: where they come from, under which licence, and whether they are used at all.

mod licence;
mod policy;
mod unused;

use std::process::Command;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::metadata::Metadata;
use crate::repo::{Repo, output};

/// Holds the lock file against `deny.toml`, each manifest against its crate's source, and the lock
/// files against the manifests.
pub(crate) fn run(repo: &Repo) -> Result<Findings, XtaskError> {
    let metadata = Metadata::load(repo)?;
    let mut findings = policy::run(repo, &metadata)?;
    findings.append(unused::run(repo, &metadata)?);
    for folder in ["", "fuzz"] {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(repo.root().join(folder));
        cargo.args(["metadata", "--locked", "--format-version", "1"]);
        if output(&mut cargo).is_err() {
            let place = format!("{folder}/Cargo.lock");
            findings.fault(
                place.trim_start_matches('/'),
                "lock",
                "is not what the manifests ask for; run `cargo metadata` there",
            );
        }
    }
    Ok(findings)
}
