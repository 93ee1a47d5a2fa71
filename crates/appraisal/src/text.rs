use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

use adyton_types::{Fingerprint, Name, TeeKind};
use serde::Deserialize;

use crate::{
    Advisories, Grace, HardwareRules, Measurements, PlatformPolicy, PolicyError, ReferenceSource,
    Wanted,
};

/// A `[[platform]]` as people write it, in Appraisal Policies and release documents alike. Every
/// key that there is; [`policy`](Self::policy) refuses those that the kind does not have.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PlatformText {
    kind: String,
    measurements: Option<MeasurementsText>,
    reference_values: Option<SourceText>,
    platform_ids: Option<Vec<String>>,
    deny_platform_ids: Option<Vec<String>>,
    generations: Option<Vec<String>>,
    deny_generations: Option<Vec<String>>,
    tcb: Option<BTreeMap<String, u64>>,
    statuses: Option<BTreeMap<String, GraceText>>,
    advisories: Option<AdvisoriesText>,
    min_evaluation: Option<u32>,
    concerns: Option<Vec<String>>,
    vmpl: Option<Vec<u8>>,
    max_age: Option<u64>,
    attributes: Option<BTreeMap<String, WantedText>>,
    min_svn: Option<u64>,
    require: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum MeasurementsText {
    Word(String),
    List(Vec<String>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct SourceText {
    name: String,
    signer: String,
    min_serial: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum GraceText {
    Word(String),
    Days(u32),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum AdvisoriesText {
    Word(String),
    List(BTreeMap<String, GraceText>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum WantedText {
    Flag(bool),
    Number(u64),
    Text(String),
}

const HEX_64: &str = "not 64 lower-case hexadecimal digits, or what this kind of TEE has";
const NO_NAME: &str =
    "no name: use 1 to 64 of a-z, 0-9, `-`, `_` and `.`, beginning with a letter or digit";

impl PlatformText {
    /// The policy that it describes.
    ///
    /// # Errors
    /// [`PolicyError`] names the key.
    pub fn policy(self) -> Result<PlatformPolicy, PolicyError> {
        let kind: TeeKind = value(
            "kind",
            &self.kind,
            "no kind of TEE; use one of software, tpm, snp, tdx, sgx, nitro, azure-snp, azure-tdx, cca, nvidia-gpu",
        )?;
        if kind == TeeKind::Software {
            self.software(kind)
        } else {
            self.hardware(kind)
        }
    }

    fn software(self, kind: TeeKind) -> Result<PlatformPolicy, PolicyError> {
        for (key, there) in [
            ("reference-values", self.reference_values.is_some()),
            ("deny-platform-ids", self.deny_platform_ids.is_some()),
            ("generations", self.generations.is_some()),
            ("deny-generations", self.deny_generations.is_some()),
            ("tcb", self.tcb.is_some()),
            ("statuses", self.statuses.is_some()),
            ("advisories", self.advisories.is_some()),
            ("min-evaluation", self.min_evaluation.is_some()),
            ("concerns", self.concerns.is_some()),
            ("vmpl", self.vmpl.is_some()),
            ("max-age", self.max_age.is_some()),
            ("attributes", self.attributes.is_some()),
        ] {
            absent(kind, key, there)?;
        }
        let needs = |key| PolicyError::Needs { kind, key };
        let measurements = match self.measurements {
            Some(MeasurementsText::List(texts)) => list("measurements", &texts, HEX_64)?,
            Some(MeasurementsText::Word(text)) => {
                return Err(PolicyError::value("measurements", &text, "no list"));
            }
            None => return Err(needs("measurements")),
        };
        let ids = list(
            "platform-ids",
            &self.platform_ids.unwrap_or_default(),
            HEX_64,
        )?;
        let least = self.min_svn.ok_or(needs("min-svn"))?;
        let require = self.require.ok_or(needs("require"))?;
        let rule = "no protection; use landlock, no-core, seccomp, secret-memory, traced";
        PlatformPolicy::software(measurements, ids, least, list("require", &require, rule)?)
    }

    fn hardware(self, kind: TeeKind) -> Result<PlatformPolicy, PolicyError> {
        absent(kind, "min-svn", self.min_svn.is_some())?;
        absent(kind, "require", self.require.is_some())?;
        let measurements = measurements(self.measurements, self.reference_values)?;
        let mut rules = HardwareRules::new(kind, measurements);
        let key = "tcb";
        rules.tcb = self.tcb.ok_or(PolicyError::Needs { kind, key })?;
        for component in rules.tcb.keys() {
            value::<Name>(key, component, NO_NAME)?;
        }
        rules.platform_ids = optional("platform-ids", self.platform_ids, HEX_64)?;
        rules.deny_platform_ids = optional("deny-platform-ids", self.deny_platform_ids, HEX_64)?;
        rules.generations = optional("generations", self.generations, "")?;
        rules.deny_generations = optional("deny-generations", self.deny_generations, "")?;
        rules.concerns = optional("concerns", self.concerns, "")?;
        if let Some(statuses) = self.statuses {
            rules.statuses = graces("statuses", statuses)?;
        }
        match self.advisories {
            None => {}
            Some(AdvisoriesText::Word(word)) if word == "any" => rules.advisories = Advisories::Any,
            Some(AdvisoriesText::Word(word)) => {
                return Err(PolicyError::value(
                    "advisories",
                    &word,
                    "neither a table nor \"any\"",
                ));
            }
            Some(AdvisoriesText::List(listed)) => {
                rules.advisories = Advisories::Listed(graces("advisories", listed)?);
            }
        }
        rules.min_evaluation = self.min_evaluation.unwrap_or_default();
        if let Some(levels) = self.vmpl {
            rules.vmpls = numbers("vmpl", &levels)?;
        }
        rules.max_age_secs = self.max_age;
        let attributes = self.attributes.unwrap_or_default().into_iter();
        rules.attributes = attributes
            .map(|(name, wanted)| (name, wanted.into()))
            .collect();
        PlatformPolicy::hardware(rules)
    }
}

fn measurements(
    listed: Option<MeasurementsText>,
    source: Option<SourceText>,
) -> Result<Measurements, PolicyError> {
    match (listed, source) {
        (Some(_), Some(_)) => Err(PolicyError::TwoMeasurements),
        (None, None) => Err(PolicyError::NoMeasurements),
        (Some(MeasurementsText::Word(word)), None) if word == "any" => Ok(Measurements::Any),
        (Some(MeasurementsText::Word(word)), None) => {
            let rule = "neither a list nor \"any\"";
            Err(PolicyError::value("measurements", &word, rule))
        }
        (Some(MeasurementsText::List(texts)), None) => {
            Ok(Measurements::Listed(list("measurements", &texts, HEX_64)?))
        }
        (None, Some(source)) => {
            let key = "reference-values";
            Ok(Measurements::Signed(ReferenceSource {
                name: value(key, &source.name, NO_NAME)?,
                signer: value::<Fingerprint>(key, &source.signer, HEX_64)?,
                min_serial: source.min_serial,
            }))
        }
    }
}

fn value<T: FromStr>(key: &'static str, text: &str, rule: &'static str) -> Result<T, PolicyError> {
    text.parse()
        .map_err(|_| PolicyError::value(key, text, rule))
}

/// A list that is there is not empty: whoever leaves it out says so.
fn optional<T: FromStr + Ord + Display>(
    key: &'static str,
    texts: Option<Vec<String>>,
    rule: &'static str,
) -> Result<BTreeSet<T>, PolicyError> {
    match texts {
        None => Ok(BTreeSet::new()),
        Some(texts) if texts.is_empty() => Err(PolicyError::Empty { key }),
        Some(texts) => list(key, &texts, rule),
    }
}

fn list<T: FromStr + Ord + Display>(
    key: &'static str,
    texts: &[String],
    rule: &'static str,
) -> Result<BTreeSet<T>, PolicyError> {
    let mut list = BTreeSet::new();
    for text in texts {
        if !list.insert(value(key, text, rule)?) {
            let text = text.clone();
            return Err(PolicyError::Twice { key, text });
        }
    }
    Ok(list)
}

fn numbers(key: &'static str, levels: &[u8]) -> Result<BTreeSet<u8>, PolicyError> {
    let set: BTreeSet<u8> = levels.iter().copied().collect();
    if set.len() == levels.len() {
        Ok(set)
    } else {
        let text = format!("{levels:?}");
        Err(PolicyError::Twice { key, text })
    }
}

fn graces(
    key: &'static str,
    texts: BTreeMap<String, GraceText>,
) -> Result<BTreeMap<String, Grace>, PolicyError> {
    let graces = texts.into_iter().map(|(name, grace)| match grace {
        GraceText::Days(days) => Ok((name, Grace::Days(days))),
        GraceText::Word(word) if word == "always" => Ok((name, Grace::Always)),
        GraceText::Word(word) => {
            let rule = "neither \"always\" nor a number of days from the date of the TCB";
            Err(PolicyError::value(key, &word, rule))
        }
    });
    graces.collect()
}

const fn absent(kind: TeeKind, key: &'static str, there: bool) -> Result<(), PolicyError> {
    if there {
        Err(PolicyError::NotForKind { kind, key })
    } else {
        Ok(())
    }
}

impl From<WantedText> for Wanted {
    fn from(text: WantedText) -> Self {
        match text {
            WantedText::Flag(flag) => Self::Flag(flag),
            WantedText::Number(number) => Self::Number(number),
            WantedText::Text(text) => Self::Text(text),
        }
    }
}
