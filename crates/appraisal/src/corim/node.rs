use adyton_codec::{Value, hex_encode};

use super::CorimError;

/// A map of CoRIM: its entries are taken by their numbers, and what is left is told.
pub(super) struct Node<'a>(Vec<(Value<'a>, Value<'a>)>);

const fn wrong<T>(at: &'static str, rule: &'static str) -> Result<T, CorimError> {
    Err(CorimError::Form { at, rule })
}

impl<'a> Node<'a> {
    pub(super) fn of(value: Value<'a>, at: &'static str) -> Result<Self, CorimError> {
        match value {
            Value::Map(entries) => Ok(Self(entries)),
            _ => wrong(at, "is a map"),
        }
    }

    pub(super) fn take(&mut self, key: u64) -> Option<Value<'a>> {
        let found = self.0.iter().position(|(k, _)| *k == Value::Uint(key))?;
        Some(self.0.remove(found).1)
    }

    /// The keys that nobody has taken.
    pub(super) fn rest(&self) -> Vec<String> {
        self.0.iter().map(|(key, _)| shown(key)).collect()
    }
}

pub(super) fn array<'a>(value: Value<'a>, at: &'static str) -> Result<Vec<Value<'a>>, CorimError> {
    match value {
        Value::Array(items) => Ok(items),
        _ => wrong(at, "is an array"),
    }
}

pub(super) fn bytes(value: Value<'_>, at: &'static str) -> Result<Vec<u8>, CorimError> {
    match value {
        Value::Bytes(bytes) => Ok(bytes.into_owned()),
        _ => wrong(at, "is a byte string"),
    }
}

/// Numbers, texts and ids in words; of anything else its kind.
pub(super) fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Uint(number) => number.to_string(),
        Value::Nint(number) => (-1_i128 - i128::from(*number)).to_string(),
        Value::Text(text) => text.chars().take(64).collect(),
        Value::Bytes(bytes) => hex_encode(bytes.get(..32).unwrap_or(bytes)),
        Value::Tag(_, inner) => shown(inner),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(_) => "an array".to_owned(),
        Value::Map(_) => "a map".to_owned(),
        Value::Null => "null".to_owned(),
    }
}
