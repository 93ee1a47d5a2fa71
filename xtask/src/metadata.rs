//! What `cargo metadata` says, as far as the checks need it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::error::XtaskError;
use crate::repo::{Repo, output};

/// Every package of the lock file, those of the workspace first.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    workspace_members: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    /// Where it comes from; nothing for a path.
    pub(crate) source: Option<String>,
    pub(crate) license: Option<String>,
    manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `dev`, `build`, or nothing for a normal one.
    pub(crate) kind: Option<String>,
    pub(crate) rename: Option<String>,
}

impl Package {
    /// The folder of its manifest.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(Path::new(""))
    }
}

impl Metadata {
    /// Of the whole lock file.
    pub(crate) fn load(repo: &Repo) -> Result<Self, XtaskError> {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(repo.root());
        cargo.args(["metadata", "--format-version", "1"]);
        let text = output(&mut cargo)?;
        serde_json::from_str(&text).map_err(|error| XtaskError::Parse {
            what: "cargo metadata".to_owned(),
            why: error.to_string(),
        })
    }

    /// The workspace's own packages.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| self.workspace_members.contains(&package.id))
    }

    /// The packages that `cargo tree` prints for these words. The lock file, and what `cargo metadata`
    /// makes of it, hold more: what a feature that is off would bring.
    pub(crate) fn tree(&self, repo: &Repo, words: &[&str]) -> Result<Vec<&Package>, XtaskError> {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(repo.root()).arg("tree").args(words);
        cargo.args(["--prefix", "none", "--format", "{p}"]);
        let listing = output(&mut cargo)?;
        let named: HashSet<(&str, &str)> = listing.lines().filter_map(name_and_version).collect();
        Ok(self
            .packages
            .iter()
            .filter(|package| named.contains(&(package.name.as_str(), package.version.as_str())))
            .collect())
    }

    /// The workspace's own package of that name.
    pub(crate) fn member(&self, name: &str) -> Result<&Package, XtaskError> {
        self.members()
            .find(|package| package.name == name)
            .ok_or_else(|| XtaskError::Unknown {
                what: "crate",
                name: name.to_owned(),
                known: self
                    .members()
                    .map(|package| package.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }
}

/// The path of a package's folder from the root, with `/` at the end.
pub(crate) fn folder_in(repo: &Repo, package: &Package) -> String {
    let folder = package.folder();
    let inside = folder.strip_prefix(repo.root()).unwrap_or(folder);
    format!("{}/", inside.display())
}

/// From `name v1.2.3 (more)`.
fn name_and_version(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split(' ');
    let name = words.next()?;
    Some((name, words.next()?.strip_prefix('v')?))
}
