use std::collections::HashSet;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::metadata::{Metadata, folder_in};
use crate::repo::Repo;
use crate::rust_source::tokens;

/// Dependencies whose name no source file of the crate says. A crate that is there only to switch
/// on a feature of another has to be named all the same (`use x as _;`).
pub(crate) fn run(repo: &Repo, metadata: &Metadata) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    for package in metadata.members() {
        let folder = folder_in(repo, package);
        let mut in_source = HashSet::new();
        let mut anywhere = HashSet::new();
        for file in repo.below(&folder, ".rs") {
            let is_source = file[folder.len()..].starts_with("src/");
            for token in tokens(&repo.read(file)?) {
                if is_source {
                    in_source.insert(token.text.clone());
                }
                anywhere.insert(token.text);
            }
        }
        for dependency in &package.dependencies {
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
            let word = name.replace('-', "_");
            let said = if dependency.kind.is_some() {
                &anywhere
            } else {
                &in_source
            };
            if !said.contains(&word) {
                let place = format!("{folder}Cargo.toml");
                findings.fault(&place, "unused-dependency", &format!("`{name}`"));
            }
        }
    }
    Ok(findings)
}
