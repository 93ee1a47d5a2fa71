use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use adyton_codec::{hex_decode, hex_encode};
use adyton_types::{PlatformMeasurement, TeeKind, UnixTime};
use serde::{Deserialize, Serialize};

use super::{MAX_LIST_BYTES, ReferenceDraft, ReferenceError};

/// The TOML file that a person writes, before it is signed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Text {
    version: u64,
    name: String,
    serial: u64,
    not_before: String,
    not_after: String,
    value: Vec<ValueText>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ValueText {
    kind: String,
    measurement: String,
    #[serde(default)]
    note: String,
}

impl FromStr for ReferenceDraft {
    type Err = ReferenceError;

    /// Reads the TOML file that a person writes (`specs/reference-values.md`).
    ///
    /// # Errors
    /// [`ReferenceError`] names the value, and the line where TOML itself is at fault.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        // In hexadecimal each value takes twice its bytes.
        if text.len() > 2 * MAX_LIST_BYTES {
            let rule = "its text has at most 2097152 bytes";
            return Err(ReferenceError::Rule { rule });
        }
        let text: Text = toml::from_str(text)?;
        if text.version != 1 {
            let rule = "`version` is 1";
            return Err(ReferenceError::Rule { rule });
        }
        let mut values = BTreeMap::new();
        for value in text.value {
            let kind: TeeKind = value.kind.parse()?;
            let bytes = hex_decode(&value.measurement)?;
            let key = (kind, PlatformMeasurement::new(&bytes)?);
            if values.insert(key, value.note).is_some() {
                let rule = "each measurement of a kind is there once";
                return Err(ReferenceError::Rule { rule });
            }
        }
        Ok(Self {
            name: text.name.parse()?,
            serial: text.serial,
            not_before: time("not-before", &text.not_before)?,
            not_after: time("not-after", &text.not_after)?,
            values,
        })
    }
}

fn time(key: &'static str, text: &str) -> Result<UnixTime, ReferenceError> {
    text.parse()
        .map_err(|error| ReferenceError::Time { key, error })
}

impl fmt::Display for ReferenceDraft {
    /// The text that it is read from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self
            .values
            .iter()
            .map(|((kind, measurement), note)| ValueText {
                kind: kind.to_string(),
                measurement: hex_encode(measurement.as_bytes()),
                note: note.clone(),
            });
        let text = Text {
            version: 1,
            name: self.name.to_string(),
            serial: self.serial,
            not_before: self.not_before.to_string(),
            not_after: self.not_after.to_string(),
            value: value.collect(),
        };
        let text = toml::to_string(&text).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}
