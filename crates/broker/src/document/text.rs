use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use adyton_appraisal::{PlatformPolicy, PlatformText};
use serde::Deserialize;

use crate::document::release_document::MAX_DOCUMENT_BYTES;
use crate::document::{DocumentError, ReleaseDocument};

/// The keys as they are written. Every key is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Text {
    version: u64,
    secret: String,
    purpose: String,
    programs: Vec<String>,
    not_before: String,
    not_after: String,
    max_releases: u64,
    platform: Vec<PlatformText>,
}

impl FromStr for ReleaseDocument {
    type Err = DocumentError;

    /// Reads the TOML file that an owner writes.
    ///
    /// # Errors
    /// [`DocumentError`] names the key, and the line where TOML itself is at fault.
    fn from_str(text: &str) -> Result<Self, DocumentError> {
        let found = text.len();
        if found > MAX_DOCUMENT_BYTES {
            return Err(DocumentError::TooLong { found });
        }
        let text: Text = toml::from_str(text)?;
        if text.version != 1 {
            let found = text.version;
            return Err(DocumentError::Version { found });
        }
        let time = "no time; write it in UTC as \"2026-01-31T00:00:00Z\"";
        let program = "not 96 lower-case hexadecimal digits, as `adyton measure` prints them";
        Self {
            secret: value("secret", &text.secret, NO_NAME)?,
            purpose: value("purpose", &text.purpose, NO_NAME)?,
            programs: list("programs", &text.programs, program)?,
            not_before: value("not-before", &text.not_before, time)?,
            not_after: value("not-after", &text.not_after, time)?,
            max_releases: text.max_releases,
            platforms: text
                .platform
                .into_iter()
                .map(platform)
                .collect::<Result<_, _>>()?,
        }
        .consistent()
    }
}

const NO_NAME: &str =
    "no name: use 1 to 64 of a-z, 0-9, `-`, `_` and `.`, beginning with a letter or digit";

fn value<T: FromStr>(
    key: &'static str,
    text: &str,
    rule: &'static str,
) -> Result<T, DocumentError> {
    text.parse()
        .map_err(|_| DocumentError::value(key, text, rule))
}

fn list<T: FromStr + Ord + Display>(
    key: &'static str,
    texts: &[String],
    rule: &'static str,
) -> Result<BTreeSet<T>, DocumentError> {
    let mut list = BTreeSet::new();
    for text in texts {
        if !list.insert(value(key, text, rule)?) {
            let text = text.clone();
            return Err(DocumentError::Twice { key, text });
        }
    }
    Ok(list)
}

fn platform(text: PlatformText) -> Result<PlatformPolicy, DocumentError> {
    Ok(text.policy()?)
}
