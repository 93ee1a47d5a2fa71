use std::borrow::Cow;

use crate::{CodecError, Fields, Value};

/// Opening one item as what the format says it is; `field` names it in the error.
impl<'a> Value<'a> {
    /// Opens a map with text keys for reading field by field.
    ///
    /// # Errors
    /// [`CodecError::WrongKind`] if the item is not a map, or a key is not text.
    pub fn into_fields(self, what: &'static str) -> Result<Fields<'a>, CodecError> {
        Fields::new(self, what)
    }

    /// Opens a text.
    ///
    /// # Errors
    /// [`CodecError::WrongKind`].
    pub fn into_text(self, field: &'static str) -> Result<Cow<'a, str>, CodecError> {
        match self {
            Self::Text(text) => Ok(text),
            _ => Err(CodecError::WrongKind {
                field,
                expected: "a text",
            }),
        }
    }

    /// Opens an unsigned integer.
    ///
    /// # Errors
    /// [`CodecError::WrongKind`].
    pub fn into_uint(self, field: &'static str) -> Result<u64, CodecError> {
        match self {
            Self::Uint(n) => Ok(n),
            _ => Err(CodecError::WrongKind {
                field,
                expected: "an unsigned integer",
            }),
        }
    }

    /// Opens a byte string.
    ///
    /// # Errors
    /// [`CodecError::WrongKind`].
    pub fn into_bytes(self, field: &'static str) -> Result<Cow<'a, [u8]>, CodecError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(CodecError::WrongKind {
                field,
                expected: "a byte string",
            }),
        }
    }

    /// Opens a byte string of exactly `N` bytes.
    ///
    /// # Errors
    /// [`CodecError::WrongKind`] or [`CodecError::WrongLength`].
    pub fn into_array<const N: usize>(self, field: &'static str) -> Result<[u8; N], CodecError> {
        let bytes = self.into_bytes(field)?;
        <[u8; N]>::try_from(bytes.as_ref()).map_err(|_| CodecError::WrongLength {
            field,
            expected: N,
            found: bytes.len(),
        })
    }
}

impl<'a> Fields<'a> {
    /// Takes a field out that is always there and may be `null`.
    ///
    /// # Errors
    /// [`CodecError::MissingField`].
    pub fn nullable(&mut self, field: &'static str) -> Result<Option<Value<'a>>, CodecError> {
        match self.required(field)? {
            Value::Null => Ok(None),
            value => Ok(Some(value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_open_as_what_they_are() {
        assert_eq!(Value::text("a").into_text("t"), Ok("a".into()));
        assert_eq!(Value::Uint(3).into_uint("n"), Ok(3));
        assert_eq!(Value::bytes(&[1, 2]).into_array("b"), Ok([1, 2]));
        assert!(Value::bytes(&[1, 2]).into_array::<3>("b").is_err());
        assert!(Value::Null.into_text("t").is_err());
        let mut fields = Value::map([("a", Value::Null), ("b", Value::Uint(1))])
            .into_fields("test")
            .unwrap();
        assert_eq!(fields.nullable("a"), Ok(None));
        assert_eq!(fields.nullable("b"), Ok(Some(Value::Uint(1))));
        assert!(fields.nullable("c").is_err());
    }
}
