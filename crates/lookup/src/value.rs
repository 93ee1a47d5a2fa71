use std::str::FromStr;

use adyton_codec::{hex_decode, hex_encode};
use adyton_types::ErrorClass;
use thiserror::Error;

/// How people write values down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValueForm {
    /// Text in UTF-8; zero bytes fill up behind it.
    #[default]
    Text,
    /// Hexadecimal; zero bytes fill up behind it.
    Hex,
}

impl ValueForm {
    /// A value of exactly `bytes` bytes: what is shorter is filled up with zero bytes.
    ///
    /// # Errors
    /// [`ValueError`].
    pub fn parse(self, text: &str, bytes: usize) -> Result<Vec<u8>, ValueError> {
        let mut value = match self {
            Self::Text => text.as_bytes().to_vec(),
            Self::Hex => hex_decode(text).map_err(|_| ValueError::NotHex)?,
        };
        if value.len() > bytes {
            let found = value.len();
            return Err(ValueError::TooLong { found, bytes });
        }
        value.resize(bytes, 0);
        Ok(value)
    }

    /// The value as people read it: text without the zero bytes behind it, or hexadecimal. What is
    /// no text of one line is shown as hexadecimal behind `0x`: results are lines, and nobody's value
    /// is to look like another one's.
    #[must_use]
    pub fn show(self, value: &[u8]) -> String {
        let end = value.iter().rposition(|byte| *byte != 0);
        let text = std::str::from_utf8(&value[..end.map_or(0, |end| end + 1)]);
        match (self, text) {
            (Self::Text, Ok(text)) if !text.contains(char::is_control) => text.to_owned(),
            (Self::Text, _) => format!("0x{}", hex_encode(value)),
            (Self::Hex, _) => hex_encode(value),
        }
    }
}

impl FromStr for ValueForm {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        match text {
            "text" => Ok(Self::Text),
            "hex" => Ok(Self::Hex),
            other => Err(ValueError::Form(other.to_owned())),
        }
    }
}

/// Why a text is no value of a table.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ValueError {
    /// There is no such form.
    #[error("`{0}` is no form of values: there are `text` and `hex`")]
    Form(String),
    /// Not hexadecimal.
    #[error("the value is not in hexadecimal: small digits, two a byte")]
    NotHex,
    /// Longer than the table's values.
    #[error("the value has {found} bytes, and the values of this table have {bytes}")]
    TooLong {
        /// How many.
        found: usize,
        /// How many there can be.
        bytes: usize,
    },
}

impl ValueError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_up_and_never_cut() {
        let (text, hex) = (ValueForm::Text, ValueForm::Hex);
        assert_eq!(text.parse("ab", 3), Ok(b"ab\0".to_vec()));
        assert_eq!(hex.parse("6162", 3), Ok(b"ab\0".to_vec()));
        assert_eq!(text.show(b"ab\0"), "ab");
        assert_eq!(text.show(b"\xff\0"), "0xff00");
        assert_eq!(text.show(b"a\n7\tb"), "0x610a370962");
        assert_eq!(hex.show(b"ab\0"), "616200");
        assert_eq!(text.parse("", 0), Ok(Vec::new()));
        let (found, bytes) = (4, 3);
        assert_eq!(
            text.parse("abcd", 3),
            Err(ValueError::TooLong { found, bytes })
        );
        assert_eq!(hex.parse("6", 3), Err(ValueError::NotHex));
    }
}
