use serde_json::Value;

use super::text;

/// Bytes written as an array of decimal numbers.
pub(super) fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    let byte = |number: &Value| u8::try_from(number.as_u64()?).ok();
    value.as_array()?.iter().map(byte).collect()
}

/// Bytes written as text in hexadecimal or base64, or as an array of decimal numbers.
pub(super) fn binary(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => text::hex(text).or_else(|| text::base64(text)),
        other => bytes_of(other),
    }
}
