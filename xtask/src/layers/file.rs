use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::XtaskError;
use crate::repo::Repo;

/// `layers.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Layers {
    layer: Vec<Layer>,
    #[serde(rename = "unsafe")]
    may_be_unsafe: BTreeMap<String, String>,
    test_arrows: BTreeMap<String, String>,
    #[serde(default)]
    outside: BTreeMap<String, Outside>,
}

/// What of the operating system a crate below the I/O line may name, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outside {
    paths: Vec<String>,
    #[serde(rename = "why")]
    _why: String,
}

/// One layer, its crates in the order in which they may use each other.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layer {
    pub(crate) name: String,
    pub(crate) crates: Vec<String>,
    /// Whether its crates may reach the operating system.
    #[serde(default)]
    pub(crate) io: bool,
}

impl Layers {
    pub(crate) fn load(repo: &Repo) -> Result<Self, XtaskError> {
        Self::parse(&repo.read("layers.toml")?)
    }

    pub(crate) fn parse(text: &str) -> Result<Self, XtaskError> {
        toml::from_str(text).map_err(|error| XtaskError::Parse {
            what: "layers.toml".to_owned(),
            why: error.to_string(),
        })
    }

    /// Lowest first.
    pub(crate) fn layers(&self) -> &[Layer] {
        &self.layer
    }

    /// All crates, lowest first.
    pub(crate) fn crates(&self) -> impl Iterator<Item = &str> {
        self.layer
            .iter()
            .flat_map(|layer| layer.crates.iter().map(String::as_str))
    }

    /// How high a crate stands; nothing for one that is not listed.
    pub(crate) fn height(&self, krate: &str) -> Option<usize> {
        self.crates().position(|name| name == krate)
    }

    pub(crate) fn may_do_io(&self, krate: &str) -> bool {
        self.layer
            .iter()
            .any(|layer| layer.io && layer.crates.iter().any(|name| name == krate))
    }

    /// Paths that a crate below the I/O line may name all the same.
    pub(crate) fn may_name(&self, krate: &str) -> &[String] {
        self.outside
            .get(krate)
            .map_or(&[], |outside| outside.paths.as_slice())
    }

    pub(crate) fn may_be_unsafe(&self, krate: &str) -> bool {
        self.may_be_unsafe.contains_key(krate)
    }

    /// The crates that are marked as holding `unsafe`.
    pub(crate) fn marked_unsafe(&self) -> impl Iterator<Item = &str> {
        self.may_be_unsafe.keys().map(String::as_str)
    }

    /// Whether tests of `from` may use `to` although it stands higher.
    pub(crate) fn is_test_arrow(&self, from: &str, to: &str) -> bool {
        self.test_arrows.contains_key(&format!("{from} -> {to}"))
    }
}
