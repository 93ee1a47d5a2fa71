use std::collections::BTreeMap;

use adyton_codec::Value;
use adyton_types::{PlatformMeasurement, TeeKind, UnixTime};

use super::CorimError;
use super::envelope::UNSIGNED;
use super::found::{CorimImport, LeftOut, Taken};
use super::node::{Node, array, bytes, shown};
use crate::vocabulary::measurement_len;

/// CBOR tags: of a CoMID, of one that early documents wrap in a byte string themselves, and of a time
/// (RFC 8949 section 3.4.2).
const COMID: u64 = 506;
const TIME: u64 = 1;

/// The most bytes of a note, as lists have it.
const MAX_NOTE_BYTES: usize = 128;

/// Triples by their numbers (draft-ietf-rats-corim section 5.1.4), beside reference values (0).
const TRIPLES: [&str; 11] = [
    "reference values",
    "endorsed values",
    "identity keys",
    "attestation keys",
    "domain dependencies",
    "domain members",
    "CoSWID tags",
    "triple 7",
    "conditional endorsement series",
    "conditional endorsements",
    "conditional endorsements",
];

/// Parts of a measurement's values by their numbers (section 5.1.4.1.4), those that are no
/// description of it.
const VALUES: [(u64, &str); 10] = [
    (1, "a security version"),
    (3, "flags"),
    (4, "a raw value"),
    (5, "a raw value's mask"),
    (6, "a MAC address"),
    (7, "an IP address"),
    (8, "a serial number"),
    (9, "a UEID"),
    (13, "keys"),
    (14, "integrity registers"),
];

/// Reads the payload of a signed CoRIM.
pub(super) fn payload(payload: &[u8], kind: TeeKind) -> Result<CorimImport, CorimError> {
    map(unsigned(payload)?, kind)
}

/// The map of a payload, tagged or not.
fn unsigned(payload: &[u8]) -> Result<Value<'_>, CorimError> {
    match Value::decode_unordered(payload)? {
        Value::Tag(UNSIGNED, inner) => Ok(*inner),
        map @ Value::Map(_) => Ok(map),
        _ => Err(CorimError::Form {
            at: "the payload",
            rule: "is a map, with tag 501 or without",
        }),
    }
}

/// Reads a CoRIM's map (section 4.1).
pub(super) fn map(map: Value<'_>, kind: TeeKind) -> Result<CorimImport, CorimError> {
    const AT: &str = "the CoRIM";
    let form = |rule| CorimError::Form { at: AT, rule };
    let mut map = Node::of(map, AT)?;
    let id = map.take(0).ok_or(form("has an id"))?;
    let tags = map.take(1).ok_or(form("has tags"))?;
    let mut import = CorimImport {
        id: shown(&id),
        profile: map.take(3).map(|profile| shown(&profile)),
        not_before: None,
        not_after: None,
        taken: BTreeMap::new(),
        left: Vec::new(),
    };
    if let Some(validity) = map.take(4) {
        let mut validity = Node::of(validity, "the validity")?;
        import.not_before = validity.take(0).map(time).transpose()?;
        import.not_after = validity.take(1).map(time).transpose()?;
        import.leave_rest("validity", &validity);
    }
    if map.take(2).is_some() {
        import.leave(
            "dependent manifests",
            "they are not fetched: import them by themselves",
        );
    }
    if let Some(profile) = &import.profile {
        let why = format!(
            "the rules of `{profile}` are not applied: see that digests are measurements of {kind} there"
        );
        import.leave("profile", why);
    }
    // Who made it, in its own words: nothing to match.
    map.take(5);
    import.leave_rest("CoRIM", &map);
    for (number, tag) in array(tags, "the tags")?.into_iter().enumerate() {
        import.tag(&format!("tag {number}"), tag, kind)?;
    }
    Ok(import)
}

fn time(value: Value<'_>) -> Result<UnixTime, CorimError> {
    let inner = match value {
        Value::Tag(TIME, inner) => *inner,
        other => other,
    };
    match inner {
        Value::Uint(secs) => Ok(UnixTime::from_secs(secs)),
        _ => Err(CorimError::Form {
            at: "a time",
            rule: "is a number of seconds",
        }),
    }
}

impl CorimImport {
    fn leave(&mut self, at: impl Into<String>, why: impl Into<String>) {
        self.left.push(LeftOut {
            at: at.into(),
            why: why.into(),
        });
    }

    fn leave_rest(&mut self, at: &str, node: &Node<'_>) {
        for key in node.rest() {
            self.leave(format!("{at} / entry {key}"), "not understood");
        }
    }

    /// One tag: a CoMID, or something else (section 4.1.2).
    fn tag(&mut self, at: &str, tag: Value<'_>, kind: TeeKind) -> Result<(), CorimError> {
        let inside = match tag {
            Value::Tag(COMID, inside) => *inside,
            // Early documents: the tag inside the byte string.
            Value::Bytes(inside) => match Value::decode_unordered(&inside)? {
                Value::Tag(COMID, inner) => return self.comid(at, *inner, kind),
                _ => {
                    self.leave(at, "it is no CoMID");
                    return Ok(());
                }
            },
            Value::Tag(number, _) => {
                self.leave(at, format!("it is of kind {number}, and no CoMID"));
                return Ok(());
            }
            _ => {
                self.leave(at, "it is no CoMID");
                return Ok(());
            }
        };
        match inside {
            Value::Bytes(inside) => self.comid(at, Value::decode_unordered(&inside)?, kind),
            map => self.comid(at, map, kind),
        }
    }

    /// A CoMID (section 5.1).
    fn comid(&mut self, at: &str, comid: Value<'_>, kind: TeeKind) -> Result<(), CorimError> {
        let mut comid = Node::of(comid, "a CoMID")?;
        // Language, identity and makers: its own words, nothing to match.
        for described in [0, 1, 2] {
            comid.take(described);
        }
        if comid.take(3).is_some() {
            self.leave(
                format!("{at} / linked tags"),
                "whether this one replaces another, or is replaced, is not looked at",
            );
        }
        let triples = comid.take(4).ok_or(CorimError::Form {
            at: "a CoMID",
            rule: "has triples",
        })?;
        self.leave_rest(at, &comid);
        let mut triples = Node::of(triples, "the triples")?;
        if let Some(references) = triples.take(0) {
            let all = array(references, "the reference values")?;
            for (number, triple) in all.into_iter().enumerate() {
                self.reference(&format!("{at} / reference {number}"), triple, kind)?;
            }
        }
        for key in triples.rest() {
            let name = key.parse().ok().and_then(|key: usize| TRIPLES.get(key));
            let name = name.map_or(key.as_str(), |name| *name);
            self.leave(
                format!("{at} / {name}"),
                "a list holds reference values only",
            );
        }
        Ok(())
    }

    /// Reference values of one environment (section 5.1.4.2).
    fn reference(&mut self, at: &str, triple: Value<'_>, kind: TeeKind) -> Result<(), CorimError> {
        let form = |rule| CorimError::Form {
            at: "a triple of reference values",
            rule,
        };
        let parts = array(triple, "a triple of reference values")?;
        let [environment, measurements]: [Value<'_>; 2] =
            parts.try_into().map_err(|_| form("is an array of two"))?;
        let mut environment = Node::of(environment, "an environment")?;
        let class = environment.take(0);
        let words = match class {
            Some(class) => self.class(at, class)?,
            None => String::new(),
        };
        let narrower = environment.rest();
        if !narrower.is_empty() {
            // Instance (1), group (2), or more: a list would take it for all platforms.
            self.leave(
                at,
                "it is for some instances only, which a list of measurements cannot say",
            );
            return Ok(());
        }
        // The measurement map by itself, where there is one only, as some documents have it.
        let measurements = match measurements {
            map @ Value::Map(_) => vec![map],
            other => array(other, "the measurements")?,
        };
        for (number, measurement) in measurements.into_iter().enumerate() {
            let at = format!("{at} / measurement {number}");
            self.measurement(&at, &words, measurement, kind)?;
        }
        Ok(())
    }

    /// A class in words (section 5.1.4.1.2): vendor, model, layer, index, or else its id.
    fn class(&mut self, at: &str, class: Value<'_>) -> Result<String, CorimError> {
        let mut class = Node::of(class, "a class")?;
        let id = class.take(0);
        let mut words: Vec<String> = Vec::new();
        words.extend(
            [1, 2]
                .into_iter()
                .filter_map(|key| class.take(key))
                .map(|v| shown(&v)),
        );
        for (key, name) in [(3, "layer"), (4, "index")] {
            words.extend(
                class
                    .take(key)
                    .map(|value| format!("{name} {}", shown(&value))),
            );
        }
        if words.is_empty() {
            words.extend(id.map(|id| shown(&id)));
        }
        self.leave_rest(&format!("{at} / class"), &class);
        Ok(words.join(" "))
    }

    /// One measurement (section 5.1.4.1.4). All of its values have to hold at once: if one is not a
    /// digest, a list of digests would take more than was meant.
    fn measurement(
        &mut self,
        at: &str,
        words: &str,
        measurement: Value<'_>,
        kind: TeeKind,
    ) -> Result<(), CorimError> {
        let mut measurement = Node::of(measurement, "a measurement")?;
        let key = measurement
            .take(0)
            .map(|key| format!("key {}", shown(&key)));
        let values = measurement.take(1).ok_or(CorimError::Form {
            at: "a measurement",
            rule: "has values",
        })?;
        if !measurement.rest().is_empty() {
            self.leave(
                at,
                "it is for some signers of Evidence only, or has parts that are not understood",
            );
            return Ok(());
        }
        let mut values = Node::of(values, "the values of a measurement")?;
        let digests = values.take(2);
        let version = values.take(0).map(|version| match version {
            Value::Map(_) => Node::of(version, "a version").map(|mut map| map.take(0)),
            other => Ok(Some(other)),
        });
        let version = version.transpose()?.flatten();
        let name = values.take(11);
        let other = values.rest();
        if let Some(first) = other.first() {
            let number: Option<u64> = first.parse().ok();
            let known = VALUES.iter().find(|(key, _)| Some(*key) == number);
            let what = known.map_or("parts that are not understood", |(_, name)| *name);
            self.leave(
                at,
                format!("it has {what}, which a list of digests cannot say"),
            );
            return Ok(());
        }
        let Some(digests) = digests else {
            self.leave(at, "it has no digest");
            return Ok(());
        };
        let described = [version, name]
            .into_iter()
            .flatten()
            .map(|value| shown(&value));
        let parts = std::iter::once(words.to_owned())
            .chain(described)
            .chain(key);
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        let mut note = parts.join(", ");
        note.truncate(note.floor_char_boundary(MAX_NOTE_BYTES));
        for digest in array(digests, "the digests")? {
            self.digest(at, &note, digest, kind)?;
        }
        Ok(())
    }

    /// A digest: algorithm and value (section 7.7).
    fn digest(
        &mut self,
        at: &str,
        note: &str,
        digest: Value<'_>,
        kind: TeeKind,
    ) -> Result<(), CorimError> {
        let form = |rule| CorimError::Form {
            at: "a digest",
            rule,
        };
        let parts = array(digest, "a digest")?;
        let [algorithm, value]: [Value<'_>; 2] =
            parts.try_into().map_err(|_| form("is an array of two"))?;
        let value = bytes(value, "a digest's value")?;
        // IANA Named Information Hash Algorithm Registry, by number or by name.
        let expected = match &algorithm {
            Value::Uint(1) => Some(32),
            Value::Uint(7) => Some(48),
            Value::Uint(8) => Some(64),
            Value::Text(name) => match &**name {
                "sha-256" => Some(32),
                "sha-384" => Some(48),
                "sha-512" => Some(64),
                _ => None,
            },
            _ => None,
        };
        let found = value.len();
        let fits = measurement_len(kind).is_none_or(|of_kind| of_kind == found);
        let why = match expected {
            None => format!(
                "a digest by algorithm {} is no measurement",
                shown(&algorithm)
            ),
            Some(expected) if expected != found => {
                return Err(form("is as long as its algorithm's"));
            }
            Some(_) if !fits => {
                format!("a digest of {found} bytes is no measurement of kind {kind}")
            }
            Some(_) => {
                let taken = Taken {
                    at: at.to_owned(),
                    note: note.to_owned(),
                };
                let measurement = PlatformMeasurement::new(&value)?;
                self.taken.entry((kind, measurement)).or_insert(taken);
                return Ok(());
            }
        };
        self.leave(at, why);
        Ok(())
    }
}
