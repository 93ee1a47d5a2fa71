//! Tidiness that no compiler looks after.

mod circles;
mod citations;
mod lints;
mod roots;
mod settings;
mod text;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::metadata::{Metadata, folder_in};
use crate::repo::Repo;
use settings::Settings;

/// Every rule, over every file that git tracks or would add.
pub(crate) fn run(repo: &Repo) -> Result<Findings, XtaskError> {
    let settings = Settings::load(repo)?;
    let metadata = Metadata::load(repo)?;
    let mut findings = text::run(repo, &settings)?;
    findings.append(roots::run(repo)?);
    for package in metadata.members() {
        let source = format!("{}src/", folder_in(repo, package));
        findings.append(circles::run(repo, &source, &settings)?);
    }
    findings.append(lints::run(repo, &metadata)?);
    findings.append(citations::run(repo, &settings)?);
    Ok(findings)
}
