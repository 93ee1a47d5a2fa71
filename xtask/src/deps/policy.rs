use serde::Deserialize;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::metadata::Metadata;
use crate::repo::Repo;

use super::licence::satisfied;

#[derive(Debug, Deserialize)]
struct Policy {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Debug, Deserialize)]
struct Banned {
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

/// Licences, bans and sources of every package that the workspace reaches, on every platform: that
/// is stricter than what is linked into one binary.
pub(crate) fn run(repo: &Repo, metadata: &Metadata) -> Result<Findings, XtaskError> {
    let policy: Policy =
        toml::from_str(&repo.read("deny.toml")?).map_err(|error| XtaskError::Parse {
            what: "deny.toml".to_owned(),
            why: error.to_string(),
        })?;
    let mut findings = Findings::default();
    for package in metadata.tree(repo, &["--workspace", "--edges", "all", "--target", "all"])? {
        let place = format!("{} {}", package.name, package.version);
        let licence = package.license.as_deref().unwrap_or_default();
        if !satisfied(licence, &policy.licenses.allow) {
            findings.fault(
                &place,
                "licence",
                &format!("`{licence}` is not allowed by deny.toml"),
            );
        }
        if policy
            .bans
            .deny
            .iter()
            .any(|banned| banned.name == package.name)
        {
            findings.fault(&place, "banned", "see deny.toml");
        }
        let Some(source) = &package.source else {
            continue;
        };
        let registry = source.strip_prefix("registry+").unwrap_or(source);
        if !policy
            .sources
            .allow_registry
            .iter()
            .any(|allowed| allowed == registry)
        {
            findings.fault(
                &place,
                "source",
                &format!("`{source}` is not allowed by deny.toml"),
            );
        }
    }
    Ok(findings)
}
