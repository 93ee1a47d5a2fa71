use std::collections::BTreeMap;

use adyton_codec::{CodecError, Fields, Value};
use adyton_crypto::{SigningKey, VerifyingKey, sign_labelled, verify_labelled};
use adyton_types::{Fingerprint, Name, PlatformMeasurement, TeeKind, UnixTime};

use super::ReferenceError;

const LABEL: &str = "adyton/reference-values/v1";

/// The most bytes of a list: 4096 values with their notes.
pub const MAX_LIST_BYTES: usize = 1 << 20;

const MAX_VALUES: usize = 4096;

/// The most bytes of a note.
const MAX_NOTE_BYTES: usize = 128;

/// What a signer says; the measurements of each kind of TEE with a note for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceDraft {
    /// The list's name, the same for all its editions.
    pub name: Name,
    /// The edition: each has a higher number than the one before.
    pub serial: u64,
    /// From when on it counts.
    pub not_before: UnixTime,
    /// Until when.
    pub not_after: UnixTime,
    /// The values.
    pub values: BTreeMap<(TeeKind, PlatformMeasurement), String>,
}

/// A signed list of Reference Values. Having one tells you that the holder of the key with the
/// fingerprint `signer()` signed it; whether to believe that signer, a policy says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceValues {
    signer: Fingerprint,
    draft: ReferenceDraft,
}

impl ReferenceDraft {
    /// Signs it.
    ///
    /// # Errors
    /// [`ReferenceError::Rule`] if no reader would take it.
    pub fn sign(self, key: &SigningKey) -> Result<Vec<u8>, ReferenceError> {
        let draft = self.consistent()?;
        let values = draft.values.iter().map(|((kind, measurement), note)| {
            Value::map([
                ("kind", Value::text(kind.as_str())),
                ("measurement", Value::bytes(measurement.as_bytes())),
                ("note", Value::text(note)),
            ])
        });
        let payload = Value::map([
            ("v", Value::text(LABEL)),
            ("name", Value::text(draft.name.as_str())),
            ("serial", Value::Uint(draft.serial)),
            ("not-before", Value::Uint(draft.not_before.as_secs())),
            ("not-after", Value::Uint(draft.not_after.as_secs())),
            ("values", Value::Array(values.collect())),
        ]);
        let sign1 = sign_labelled(LABEL, key, &payload.encode());
        let public = key.verifying_key().to_bytes();
        Ok(Value::map([
            ("key", Value::bytes(&public)),
            ("sign1", Value::bytes(&sign1)),
        ])
        .encode())
    }

    fn consistent(self) -> Result<Self, ReferenceError> {
        let refuse = |rule| Err(ReferenceError::Rule { rule });
        if self.serial == 0 {
            return refuse("`serial` is 1 or more");
        }
        if self.not_after < self.not_before {
            return refuse("`not-after` is not before `not-before`");
        }
        if self.values.is_empty() || self.values.len() > MAX_VALUES {
            return refuse("there are 1 to 4096 values");
        }
        if self.values.values().any(|note| note.len() > MAX_NOTE_BYTES) {
            return refuse("a note has at most 128 bytes");
        }
        Ok(self)
    }
}

impl ReferenceValues {
    /// Reads a list, and verifies its signature under the key that it names.
    ///
    /// # Errors
    /// [`ReferenceError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ReferenceError> {
        if bytes.len() > MAX_LIST_BYTES {
            let rule = "it has at most 1048576 bytes";
            return Err(ReferenceError::Rule { rule });
        }
        let mut fields = Value::decode(bytes)?.into_fields("reference values")?;
        let key = VerifyingKey::from_bytes(&fields.array("key")?)?;
        let sign1 = fields.bytes("sign1")?;
        fields.finish()?;
        let payload = verify_labelled(LABEL, &key, &sign1)?;
        let mut fields = Value::decode(&payload)?.into_fields("reference values")?;
        fields.version("v", LABEL)?;
        let draft = ReferenceDraft {
            name: fields.text("name")?.parse()?,
            serial: fields.uint("serial")?,
            not_before: UnixTime::from_secs(fields.uint("not-before")?),
            not_after: UnixTime::from_secs(fields.uint("not-after")?),
            values: values(&mut fields)?,
        };
        fields.finish()?;
        Ok(Self {
            signer: key.fingerprint(),
            draft: draft.consistent()?,
        })
    }

    /// Fingerprint of the key that signed it.
    #[must_use]
    pub const fn signer(&self) -> Fingerprint {
        self.signer
    }

    /// What it says.
    #[must_use]
    pub const fn draft(&self) -> &ReferenceDraft {
        &self.draft
    }

    /// The note of a value, if it is in the list.
    #[must_use]
    pub fn note(&self, kind: TeeKind, measurement: &PlatformMeasurement) -> Option<&str> {
        let key = (kind, measurement.clone());
        self.draft.values.get(&key).map(String::as_str)
    }
}

/// In ascending order of kind (as in the list of kinds) and bytes, each once.
fn values(
    fields: &mut Fields<'_>,
) -> Result<BTreeMap<(TeeKind, PlatformMeasurement), String>, ReferenceError> {
    let mut values = BTreeMap::new();
    for item in fields.items("values")? {
        let mut item = item.into_fields("values")?;
        let kind: TeeKind = item.text("kind")?.parse()?;
        let measurement = PlatformMeasurement::new(&item.bytes("measurement")?)?;
        let note = item.text("note")?.into_owned();
        item.finish()?;
        let key = (kind, measurement);
        if values
            .last_key_value()
            .is_some_and(|(last, _)| *last >= key)
        {
            return Err(CodecError::NotDeterministic {
                at: 0,
                why: "values are sorted and distinct",
            }
            .into());
        }
        values.insert(key, note);
    }
    Ok(values)
}
