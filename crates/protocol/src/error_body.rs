use adyton_codec::Value;
use adyton_types::ErrorClass;

use crate::{WireError, wire};

/// What a broker answers instead of an answer or a denial: `{ "class": text, "error": text }`.
/// Unsigned, so good for nothing but a message to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorBody {
    /// Whose fault it is, and what to do.
    pub class: ErrorClass,
    /// The message, at most [`MAX_TEXT_BYTES`](crate::limits::MAX_TEXT_BYTES) bytes.
    pub error: String,
}

impl ErrorBody {
    /// Reads a body.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        let mut fields = Value::decode(bytes)?.into_fields("error")?;
        let class = ErrorClass::parse(&fields.text("class")?).ok_or(WireError::Rule {
            field: "class",
            rule: "a class of error",
        })?;
        let error = wire::note(&mut fields, "error")?;
        fields.finish()?;
        Ok(Self { class, error })
    }

    /// Its one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Value::map([
            ("class", Value::text(self.class.as_str())),
            ("error", Value::text(&self.error)),
        ])
        .encode()
    }
}
