use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::XtaskError;
use crate::repo::Repo;

/// `tidy.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) lines: Lines,
    pub(crate) words: BTreeMap<String, String>,
    kept: Kept,
    generated: BTreeMap<String, String>,
}

/// How long a source file may be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lines {
    pub(crate) warn: usize,
    pub(crate) fail: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    endings: Vec<String>,
    folders: Vec<String>,
    files: Vec<String>,
}

impl Settings {
    pub(crate) fn load(repo: &Repo) -> Result<Self, XtaskError> {
        toml::from_str(&repo.read("tidy.toml")?).map_err(|error| XtaskError::Parse {
            what: "tidy.toml".to_owned(),
            why: error.to_string(),
        })
    }

    /// Whether a module is generated, or exists only for one that is.
    pub(crate) fn is_generated(&self, file: &str) -> bool {
        self.generated.contains_key(file)
    }

    /// Whether a file is kept byte for byte as it came.
    pub(crate) fn is_kept(&self, file: &str) -> bool {
        self.kept
            .endings
            .iter()
            .any(|ending| file.ends_with(ending.as_str()))
            || self
                .kept
                .folders
                .iter()
                .any(|folder| file.starts_with(folder.as_str()))
            || self.kept.files.iter().any(|kept| kept == file)
    }
}
