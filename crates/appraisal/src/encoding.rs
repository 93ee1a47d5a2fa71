//! The one encoding of a platform in a release document (`specs/release-document.md`). What is as
//! it is without being said is not written, and refused where it is.

use std::collections::{BTreeMap, BTreeSet};

use adyton_codec::{CodecError, Fields, Value};
use adyton_types::{Fingerprint, Name, PlatformId, PlatformMeasurement, TeeKind};

use crate::{
    Advisories, Grace, HardwareRules, Measurements, PlatformPolicy, PolicyError, ReferenceSource,
    Wanted,
};

impl PlatformPolicy {
    /// Its one encoding.
    #[must_use]
    pub fn to_value(&self) -> Value<'_> {
        let rules = self.rules();
        let mut entries = vec![
            entry("kind", Value::text(rules.kind.as_str())),
            entry("platform-ids", ids(&rules.platform_ids)),
        ];
        match &rules.measurements {
            Measurements::Any => entries.push(entry("measurements", Value::text("any"))),
            Measurements::Listed(listed) => {
                let listed = listed.iter().map(|m| Value::bytes(m.as_bytes()));
                entries.push(entry("measurements", Value::Array(listed.collect())));
            }
            Measurements::Signed(source) => entries.push(entry(
                "reference-values",
                Value::map([
                    ("name", Value::text(source.name.as_str())),
                    ("signer", Value::bytes(source.signer.as_bytes())),
                    ("min-serial", Value::Uint(source.min_serial)),
                ]),
            )),
        }
        if rules.kind == TeeKind::Software {
            let least = self.tcb().values().copied().max().unwrap_or_default();
            let require = self.require().iter().map(|p| Value::text(p.as_str()));
            entries.push(entry("min-svn", Value::Uint(least)));
            entries.push(entry("require", Value::Array(require.collect())));
        } else {
            let tcb = rules.tcb.iter();
            let tcb = tcb.map(|(component, least)| entry(component, Value::Uint(*least)));
            entries.push(entry("tcb", Value::Map(tcb.collect())));
            entries.extend(unusual(rules));
        }
        Value::Map(entries)
    }

    /// Reads its one encoding.
    ///
    /// # Errors
    /// [`PlatformCodecError`]; everything that is refused in the text is refused here.
    pub fn from_value(value: Value<'_>) -> Result<Self, PlatformCodecError> {
        let mut fields = value.into_fields("platform")?;
        let text = fields.text("kind")?;
        let kind: TeeKind = text
            .parse()
            .map_err(|_| PolicyError::value("kind", &text, "no kind of TEE"))?;
        let measurements = measurements(&mut fields)?;
        let platform_ids = set(&mut fields, "platform-ids", PlatformId::new)?;
        if kind == TeeKind::Software {
            let Measurements::Listed(measurements) = measurements else {
                return Err(PolicyError::NoMeasurements.into());
            };
            let require =
                fields.items("require")?.into_iter().map(|item| {
                    let text = item.into_text("require")?;
                    let protection = text.parse();
                    Ok(protection
                        .map_err(|_| PolicyError::value("require", &text, "no protection"))?)
                });
            let require = require.collect::<Result<_, PlatformCodecError>>()?;
            let least = fields.uint("min-svn")?;
            fields.finish()?;
            return Ok(Self::software(measurements, platform_ids, least, require)?);
        }
        let mut rules = HardwareRules::new(kind, measurements);
        rules.platform_ids = platform_ids;
        rules.tcb = tcb(fields.required("tcb")?)?;
        read_unusual(&mut fields, &mut rules)?;
        fields.finish()?;
        Ok(Self::hardware(rules)?)
    }
}

/// Why bytes are no platform of a release document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlatformCodecError {
    /// The encoding is not the one.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// What it says is no policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

fn entry<'a>(key: &'a str, value: Value<'a>) -> (Value<'a>, Value<'a>) {
    (Value::text(key), value)
}

fn ids(ids: &BTreeSet<PlatformId>) -> Value<'_> {
    Value::Array(ids.iter().map(|id| Value::bytes(id.as_bytes())).collect())
}

fn words(words: &BTreeSet<String>) -> Value<'_> {
    Value::Array(words.iter().map(|word| Value::text(word)).collect())
}

fn graces(graces: &BTreeMap<String, Grace>) -> Value<'_> {
    let graces = graces.iter().map(|(name, grace)| match grace {
        Grace::Always => entry(name, Value::Null),
        Grace::Days(days) => entry(name, Value::Uint((*days).into())),
    });
    Value::Map(graces.collect())
}

/// What is not as it is by itself.
fn unusual(rules: &HardwareRules) -> Vec<(Value<'_>, Value<'_>)> {
    let usual = HardwareRules::new(rules.kind, Measurements::Any);
    let levels = rules.vmpls.iter().map(|level| Value::Uint((*level).into()));
    let attributes = rules.attributes.iter().map(|(name, wanted)| {
        entry(
            name,
            match wanted {
                Wanted::Flag(flag) => Value::Bool(*flag),
                Wanted::Number(number) => Value::Uint(*number),
                Wanted::Text(text) => Value::text(text),
            },
        )
    });
    let advisories = match &rules.advisories {
        Advisories::Any => Value::Null,
        Advisories::Listed(listed) => graces(listed),
    };
    let all = [
        (
            "deny-platform-ids",
            rules.deny_platform_ids != usual.deny_platform_ids,
            ids(&rules.deny_platform_ids),
        ),
        (
            "generations",
            rules.generations != usual.generations,
            words(&rules.generations),
        ),
        (
            "deny-generations",
            rules.deny_generations != usual.deny_generations,
            words(&rules.deny_generations),
        ),
        (
            "statuses",
            rules.statuses != usual.statuses,
            graces(&rules.statuses),
        ),
        (
            "advisories",
            rules.advisories != usual.advisories,
            advisories,
        ),
        (
            "min-evaluation",
            rules.min_evaluation != usual.min_evaluation,
            Value::Uint(rules.min_evaluation.into()),
        ),
        (
            "concerns",
            rules.concerns != usual.concerns,
            words(&rules.concerns),
        ),
        (
            "vmpl",
            rules.vmpls != usual.vmpls,
            Value::Array(levels.collect()),
        ),
        (
            "max-age",
            rules.max_age_secs != usual.max_age_secs,
            Value::Uint(rules.max_age_secs.unwrap_or_default()),
        ),
        (
            "attributes",
            rules.attributes != usual.attributes,
            Value::Map(attributes.collect()),
        ),
    ];
    let said = all.into_iter().filter(|(_, unusual, _)| *unusual);
    said.map(|(key, _, value)| entry(key, value)).collect()
}

fn read_unusual(
    fields: &mut Fields<'_>,
    rules: &mut HardwareRules,
) -> Result<(), PlatformCodecError> {
    let number = |found: u64, key| {
        u32::try_from(found).map_err(|_| PolicyError::value(key, &found.to_string(), "too large"))
    };
    if let Some(value) = fields.optional("deny-platform-ids") {
        rules.deny_platform_ids = set_of(value, "deny-platform-ids", PlatformId::new)?;
    }
    if let Some(value) = fields.optional("generations") {
        rules.generations = texts(value, "generations")?;
    }
    if let Some(value) = fields.optional("deny-generations") {
        rules.deny_generations = texts(value, "deny-generations")?;
    }
    if let Some(value) = fields.optional("concerns") {
        rules.concerns = texts(value, "concerns")?;
    }
    if let Some(value) = fields.optional("statuses") {
        rules.statuses = read_graces(value, "statuses")?;
    }
    match fields.optional("advisories") {
        None => {}
        Some(Value::Null) => rules.advisories = Advisories::Any,
        Some(listed) => rules.advisories = Advisories::Listed(read_graces(listed, "advisories")?),
    }
    if let Some(value) = fields.optional("min-evaluation") {
        rules.min_evaluation = number(value.into_uint("min-evaluation")?, "min-evaluation")?;
    }
    if let Some(value) = fields.optional("vmpl") {
        let levels = array(value, "vmpl")?.into_iter().map(|level| {
            let level = level.into_uint("vmpl")?;
            // Levels end at 3, which the policy itself sees to.
            Ok(u8::try_from(level).unwrap_or(u8::MAX))
        });
        rules.vmpls = levels.collect::<Result<_, CodecError>>()?;
    }
    if let Some(value) = fields.optional("max-age") {
        rules.max_age_secs = Some(value.into_uint("max-age")?);
    }
    if let Some(value) = fields.optional("attributes") {
        rules.attributes = map(value, "attributes", |value| match value {
            Value::Bool(flag) => Ok(Wanted::Flag(flag)),
            Value::Uint(number) => Ok(Wanted::Number(number)),
            value => Ok(Wanted::Text(value.into_text("attributes")?.into_owned())),
        })?;
    }
    Ok(())
}

fn measurements(fields: &mut Fields<'_>) -> Result<Measurements, PlatformCodecError> {
    match (
        fields.optional("measurements"),
        fields.optional("reference-values"),
    ) {
        (Some(_), Some(_)) => Err(PolicyError::TwoMeasurements.into()),
        (None, None) => Err(CodecError::MissingField {
            field: "measurements",
        }
        .into()),
        (Some(Value::Text(word)), None) if word == "any" => Ok(Measurements::Any),
        (Some(listed), None) => {
            let listed = set_of(listed, "measurements", PlatformMeasurement::new)?;
            Ok(Measurements::Listed(listed))
        }
        (None, Some(source)) => {
            let mut source = source.into_fields("reference-values")?;
            let text = source.text("name")?;
            let name: Name = text
                .parse()
                .map_err(|_| PolicyError::value("reference-values", &text, "no name"))?;
            let signer = Fingerprint::new(source.array("signer")?);
            let min_serial = source.uint("min-serial")?;
            source.finish()?;
            Ok(Measurements::Signed(ReferenceSource {
                name,
                signer,
                min_serial,
            }))
        }
    }
}

fn array<'a>(value: Value<'a>, field: &'static str) -> Result<Vec<Value<'a>>, CodecError> {
    match value {
        Value::Array(items) => Ok(items),
        _ => Err(CodecError::WrongKind {
            field,
            expected: "an array",
        }),
    }
}

fn map<T>(
    value: Value<'_>,
    field: &'static str,
    read: impl Fn(Value<'_>) -> Result<T, CodecError>,
) -> Result<BTreeMap<String, T>, CodecError> {
    let Value::Map(entries) = value else {
        return Err(CodecError::WrongKind {
            field,
            expected: "a map",
        });
    };
    let entries = entries.into_iter();
    entries
        .map(|(name, value)| Ok((name.into_text(field)?.into_owned(), read(value)?)))
        .collect()
}

fn set<T: Ord>(
    fields: &mut Fields<'_>,
    key: &'static str,
    parse: impl Fn(&[u8]) -> Result<T, CodecError>,
) -> Result<BTreeSet<T>, CodecError> {
    set_of(fields.required(key)?, key, parse)
}

/// A list of byte strings; that it is sorted and distinct, encoding the whole again shows.
fn set_of<T: Ord>(
    value: Value<'_>,
    key: &'static str,
    parse: impl Fn(&[u8]) -> Result<T, CodecError>,
) -> Result<BTreeSet<T>, CodecError> {
    let items = array(value, key)?.into_iter();
    items.map(|item| parse(&item.into_bytes(key)?)).collect()
}

fn texts(value: Value<'_>, key: &'static str) -> Result<BTreeSet<String>, CodecError> {
    let items = array(value, key)?.into_iter();
    items
        .map(|item| Ok(item.into_text(key)?.into_owned()))
        .collect()
}

fn read_graces(
    value: Value<'_>,
    field: &'static str,
) -> Result<BTreeMap<String, Grace>, CodecError> {
    map(value, field, |value| match value {
        Value::Null => Ok(Grace::Always),
        value => {
            let days = value.into_uint(field)?;
            let days = u32::try_from(days).map_err(|_| CodecError::WrongKind {
                field,
                expected: "a number of days below 2^32",
            })?;
            Ok(Grace::Days(days))
        }
    })
}

fn tcb(value: Value<'_>) -> Result<BTreeMap<String, u64>, PlatformCodecError> {
    let tcb = map(value, "tcb", |least| least.into_uint("tcb"))?;
    for component in tcb.keys() {
        // Texts of claims name the component, so it is a name like others.
        let named = component.parse::<Name>();
        named.map_err(|_| PolicyError::value("tcb", component, "no name"))?;
    }
    Ok(tcb)
}
