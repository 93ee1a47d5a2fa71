use adyton_types::ErrorClass;
use thiserror::Error;

use crate::key::{Key, KeyError, KeyKind};
use crate::message::Update;
use crate::value::{ValueError, ValueForm};

/// The first line of a file of records, and of one of changes.
const RECORDS: &str = "key,value";
const KEYS: &str = "key";
const CHANGES: &str = "change,key,value";

/// Reads records and changes from lines of CSV (RFC 4180, but for line breaks in fields, which
/// there are none of). The first line names the columns: `key,value`, or `key` alone where values
/// have no bytes, or `change,key,value` with `put` or `remove`.
#[derive(Debug, Clone, Copy)]
pub struct Records {
    kind: KeyKind,
    form: ValueForm,
    value_bytes: usize,
}

/// Why a line is no record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Another first line.
    #[error("the first line names the columns and is `{expected}`; this file's is not")]
    Header {
        /// What it should be.
        expected: &'static str,
    },
    /// Fields too few or too many.
    #[error(
        "the line has {found} fields instead of {expected}; a field with a comma goes in quotes"
    )]
    Fields {
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A quote that is not closed, or text behind one.
    #[error("a quote is not closed, or text follows it")]
    Quote,
    /// Neither `put` nor `remove`.
    #[error("a change is `put` or `remove`")]
    Change,
    /// A value for a record that is to be removed.
    #[error("a record that is to be removed has no value: leave the field empty")]
    RemovedValue,
    /// The key is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The value is none.
    #[error(transparent)]
    Value(#[from] ValueError),
}

impl RecordError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}

impl Records {
    /// For a table with such keys and values.
    #[must_use]
    pub const fn new(kind: KeyKind, form: ValueForm, value_bytes: usize) -> Self {
        Self {
            kind,
            form,
            value_bytes,
        }
    }

    /// Makes sure of a file's first line.
    ///
    /// # Errors
    /// [`RecordError::Header`].
    pub fn header(self, line: &str, of_changes: bool) -> Result<(), RecordError> {
        let expected = match (of_changes, self.value_bytes) {
            (true, _) => CHANGES,
            (false, 0) => KEYS,
            (false, _) => RECORDS,
        };
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        if line == expected {
            Ok(())
        } else {
            Err(RecordError::Header { expected })
        }
    }

    /// Reads a record's line.
    ///
    /// # Errors
    /// [`RecordError`]. None of them holds what stands there.
    pub fn record(self, line: &str) -> Result<(Key, Vec<u8>), RecordError> {
        let fields = fields(line)?;
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        self.of_fields(&fields)
    }

    /// The columns that a record has.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self.value_bytes {
            0 => &["key"],
            _ => &["key", "value"],
        }
    }

    /// A record of these columns' texts.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn of_fields(self, fields: &[&str]) -> Result<(Key, Vec<u8>), RecordError> {
        match (fields, self.value_bytes) {
            ([key], 0) => Ok((self.kind.parse(key)?, Vec::new())),
            ([key, value], 1..) => {
                let value = self.form.parse(value, self.value_bytes)?;
                Ok((self.kind.parse(key)?, value))
            }
            (other, bytes) => Err(RecordError::Fields {
                expected: if bytes == 0 { 1 } else { 2 },
                found: other.len(),
            }),
        }
    }

    /// Reads a change's line.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn change(self, line: &str) -> Result<Update, RecordError> {
        let fields = fields(line)?;
        let [change, key, value] = fields.as_slice() else {
            let (expected, found) = (3, fields.len());
            return Err(RecordError::Fields { expected, found });
        };
        let key = self.kind.parse(key)?;
        match (change.as_str(), value.as_str()) {
            ("put", value) => Ok(Update::Put(key, self.form.parse(value, self.value_bytes)?)),
            ("remove", "") => Ok(Update::Remove(key)),
            ("remove", _) => Err(RecordError::RemovedValue),
            _ => Err(RecordError::Change),
        }
    }
}

fn fields(line: &str) -> Result<Vec<String>, RecordError> {
    let (mut fields, mut rest) = (Vec::new(), line);
    loop {
        let (field, behind) = match rest.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (field, behind) = rest.split_at(end);
                if field.contains('"') {
                    return Err(RecordError::Quote);
                }
                (field.to_owned(), behind)
            }
        };
        fields.push(field);
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None if behind.is_empty() => return Ok(fields),
            None => return Err(RecordError::Quote),
        }
    }
}

/// What is in quotes, and what comes behind them.
fn unquote(quoted: &str) -> Result<(String, &str), RecordError> {
    let (mut field, mut rest) = (String::new(), quoted);
    loop {
        let end = rest.find('"').ok_or(RecordError::Quote)?;
        field.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Ok((field, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Records = Records::new(KeyKind::Phone, ValueForm::Text, 4);

    #[test]
    fn lines_are_records() {
        let record = (Key::phone(4_915_123_456_789), b"a,\"b".to_vec());
        assert_eq!(
            FORM.record("+49 151 23456789,\"a,\"\"b\""),
            Ok(record.clone())
        );
        let put = Update::Put(record.0, record.1);
        assert_eq!(FORM.change("put,+4915123456789,\"a,\"\"b\""), Ok(put));
        let remove = Update::Remove(Key::phone(4_915_123_456_789));
        assert_eq!(FORM.change("remove,+4915123456789,"), Ok(remove));
        assert_eq!(FORM.header("key,value", false), Ok(()));
        assert_eq!(FORM.header("\u{feff}change,key,value", true), Ok(()));
        let keys = Records::new(KeyKind::Phone, ValueForm::Text, 0);
        assert_eq!(keys.header("key", false), Ok(()));
        let key = (Key::phone(4_915_123_456_789), Vec::new());
        assert_eq!(keys.record("+4915123456789"), Ok(key));
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        let expected = "key,value";
        let header = FORM.header("+4915123456789,a", false);
        assert_eq!(header, Err(RecordError::Header { expected }));
        let fields = |expected, found| RecordError::Fields { expected, found };
        for (line, error) in [
            ("", fields(2, 1)),
            ("+4915123456789", fields(2, 1)),
            ("+4915123456789,a,b", fields(2, 3)),
            ("+4915123456789,\"a", RecordError::Quote),
            ("+4915123456789,\"a\"b", RecordError::Quote),
            ("+4915123456789,a\"", RecordError::Quote),
            ("015123456789,a", KeyError::NotInternational.into()),
            (
                "+4915123456789,abcde",
                ValueError::TooLong { found: 5, bytes: 4 }.into(),
            ),
        ] {
            assert_eq!(FORM.record(line), Err(error), "{line}");
        }
        let change = |line| FORM.change(line);
        assert_eq!(change("+4915123456789,a"), Err(fields(3, 2)));
        assert_eq!(change("add,+4915123456789,a"), Err(RecordError::Change));
        let removed = change("remove,+4915123456789,a");
        assert_eq!(removed, Err(RecordError::RemovedValue));
    }
}
