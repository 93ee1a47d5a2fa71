use std::borrow::Cow;

use crate::{CodecError, Value};

/// A map with text keys, read field by field; [`finish`](Self::finish) refuses what is left.
///
/// Having one tells you only that the map was well-formed.
#[derive(Debug)]
pub struct Fields<'a> {
    entries: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(value: Value<'a>, what: &'static str) -> Result<Self, CodecError> {
        let wrong = CodecError::WrongKind {
            field: what,
            expected: "a map with text keys",
        };
        let Value::Map(entries) = value else {
            return Err(wrong);
        };
        let entries = entries
            .into_iter()
            .map(|(key, value)| match key {
                Value::Text(key) => Ok((key, value)),
                _ => Err(wrong.clone()),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { entries })
    }

    /// Takes a field out, if it is there.
    pub fn optional(&mut self, field: &'static str) -> Option<Value<'a>> {
        let index = self.entries.iter().position(|(key, _)| key == field)?;
        Some(self.entries.swap_remove(index).1)
    }

    /// Takes a field out.
    ///
    /// # Errors
    /// [`CodecError::MissingField`].
    pub fn required(&mut self, field: &'static str) -> Result<Value<'a>, CodecError> {
        self.optional(field)
            .ok_or(CodecError::MissingField { field })
    }

    /// Takes an unsigned integer out.
    ///
    /// # Errors
    /// If the field is missing or of another kind.
    pub fn uint(&mut self, field: &'static str) -> Result<u64, CodecError> {
        match self.required(field)? {
            Value::Uint(n) => Ok(n),
            _ => Err(CodecError::WrongKind {
                field,
                expected: "an unsigned integer",
            }),
        }
    }

    /// Takes a boolean out.
    ///
    /// # Errors
    /// If the field is missing or of another kind.
    pub fn bool(&mut self, field: &'static str) -> Result<bool, CodecError> {
        match self.required(field)? {
            Value::Bool(b) => Ok(b),
            _ => Err(CodecError::WrongKind {
                field,
                expected: "true or false",
            }),
        }
    }

    /// Takes a text out.
    ///
    /// # Errors
    /// If the field is missing or of another kind.
    pub fn text(&mut self, field: &'static str) -> Result<Cow<'a, str>, CodecError> {
        match self.required(field)? {
            Value::Text(text) => Ok(text),
            _ => Err(CodecError::WrongKind {
                field,
                expected: "a text",
            }),
        }
    }

    /// Takes a byte string out.
    ///
    /// # Errors
    /// If the field is missing or of another kind.
    pub fn bytes(&mut self, field: &'static str) -> Result<Cow<'a, [u8]>, CodecError> {
        match self.required(field)? {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(CodecError::WrongKind {
                field,
                expected: "a byte string",
            }),
        }
    }

    /// Takes a byte string of exactly `N` bytes out.
    ///
    /// # Errors
    /// If the field is missing, of another kind or of another length.
    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], CodecError> {
        let bytes = self.bytes(field)?;
        <[u8; N]>::try_from(bytes.as_ref()).map_err(|_| CodecError::WrongLength {
            field,
            expected: N,
            found: bytes.len(),
        })
    }

    /// Takes an array of items out.
    ///
    /// # Errors
    /// If the field is missing or of another kind.
    pub fn items(&mut self, field: &'static str) -> Result<Vec<Value<'a>>, CodecError> {
        match self.required(field)? {
            Value::Array(items) => Ok(items),
            _ => Err(CodecError::WrongKind {
                field,
                expected: "an array",
            }),
        }
    }

    /// Takes a text out that must be exactly `expected`: a format's version mark.
    ///
    /// # Errors
    /// If the field is missing or anything else.
    pub fn version(
        &mut self,
        field: &'static str,
        expected: &'static str,
    ) -> Result<(), CodecError> {
        if self.text(field)? == expected {
            Ok(())
        } else {
            Err(CodecError::WrongKind { field, expected })
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`CodecError::UnknownField`] if a field was not taken.
    pub fn finish(self) -> Result<(), CodecError> {
        match self.entries.into_iter().next() {
            None => Ok(()),
            Some((field, _)) => Err(CodecError::UnknownField {
                field: field.into_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_and_missing_fields_are_named() {
        let bytes = Value::map([("a", Value::Uint(1)), ("extra", Value::Null)]).encode();
        let mut fields = Value::decode(&bytes).unwrap().into_fields("test").unwrap();
        assert_eq!(fields.uint("a"), Ok(1));
        assert_eq!(
            fields.uint("a"),
            Err(CodecError::MissingField { field: "a" })
        );
        assert_eq!(
            fields.finish(),
            Err(CodecError::UnknownField {
                field: "extra".into()
            })
        );
    }

    #[test]
    fn arrays_have_their_exact_length() {
        let bytes = Value::map([("d", Value::bytes(&[1, 2, 3]))]).encode();
        let mut fields = Value::decode(&bytes).unwrap().into_fields("test").unwrap();
        let wrong = CodecError::WrongLength {
            field: "d",
            expected: 4,
            found: 3,
        };
        assert_eq!(fields.array::<4>("d"), Err(wrong));
    }
}
