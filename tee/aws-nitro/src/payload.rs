use std::borrow::Cow;

use adyton_codec::{CodecError, Value};

use crate::NitroError;

/// The payload's map, taken apart field by field; [`finish`](Self::finish) refuses what is left.
pub(crate) struct Payload<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Payload<'a> {
    /// Reads the map. Devices write it as a stream: its length may be indefinite, its keys stand
    /// in any order.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, NitroError> {
        let shape = NitroError::Payload(CodecError::WrongKind {
            field: "payload",
            expected: "a map with text keys",
        });
        let Value::Map(entries) = Value::decode_streamed(bytes).map_err(NitroError::Payload)?
        else {
            return Err(shape);
        };
        let named = |(key, value)| match key {
            Value::Text(key) => Ok((key, value)),
            _ => Err(shape.clone()),
        };
        entries
            .into_iter()
            .map(named)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(crate) fn take(&mut self, field: &'static str) -> Option<Value<'a>> {
        let index = self.0.iter().position(|(key, _)| key == field)?;
        Some(self.0.swap_remove(index).1)
    }

    pub(crate) fn text(&mut self, field: &'static str) -> Result<String, NitroError> {
        match self.take(field) {
            Some(Value::Text(text)) => Ok(text.into_owned()),
            _ => Err(NitroError::Field {
                field,
                why: "is missing or no text",
            }),
        }
    }

    pub(crate) fn uint(&mut self, field: &'static str) -> Result<u64, NitroError> {
        match self.take(field) {
            Some(Value::Uint(n)) => Ok(n),
            _ => Err(NitroError::Field {
                field,
                why: "is missing or no unsigned integer",
            }),
        }
    }

    /// A byte string of 1 to `max` bytes.
    pub(crate) fn sized(
        &mut self,
        field: &'static str,
        max: usize,
    ) -> Result<&'a [u8], NitroError> {
        let bytes = self.optional(field, 1, max)?;
        bytes.ok_or(NitroError::Field {
            field,
            why: "is missing",
        })
    }

    /// A byte string of `min` to `max` bytes; `null` and absence are the same.
    pub(crate) fn optional(
        &mut self,
        field: &'static str,
        min: usize,
        max: usize,
    ) -> Result<Option<&'a [u8]>, NitroError> {
        match self.take(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bytes(Cow::Borrowed(bytes))) if (min..=max).contains(&bytes.len()) => {
                Ok(Some(bytes))
            }
            Some(Value::Bytes(_)) => Err(NitroError::Field {
                field,
                why: "is too short or too long",
            }),
            Some(_) => Err(NitroError::Field {
                field,
                why: "is no byte string",
            }),
        }
    }

    pub(crate) fn finish(self) -> Result<(), NitroError> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((field, _)) => Err(NitroError::UnknownField {
                field: field.chars().take(80).collect(),
            }),
        }
    }
}
