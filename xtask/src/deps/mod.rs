//! Dependencies: where they come from, under which licence, and whether they are used at all.

mod licence;
mod policy;
mod unused;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::metadata::Metadata;
use crate::repo::Repo;

/// Holds the lock file against `deny.toml`, and each manifest against its crate's source.
pub(crate) fn run(repo: &Repo) -> Result<Findings, XtaskError> {
    let metadata = Metadata::load(repo)?;
    let mut findings = policy::run(repo, &metadata)?;
    findings.append(unused::run(repo, &metadata)?);
    Ok(findings)
}
