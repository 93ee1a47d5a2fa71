use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The most bytes that a name may have: it appears in file names, log leaves and screens.
pub const MAX_NAME_BYTES: usize = 64;

/// The name of an input, an output, a secret, a recipient or a purpose.
///
/// 1 to 64 characters of `a-z`, `0-9`, `-`, `_` and `.`, beginning with a letter or digit: safe as
/// a file name, no two names that look alike, no path. The only constructor is [`str::parse`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is no name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{text}` is no name: use 1 to 64 of a-z, 0-9, `-`, `_` and `.`, beginning with a letter or digit"
)]
pub struct NameError {
    /// The text, cut to 80 characters.
    pub text: String,
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let first = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
        let rest = |c: u8| first(c) || matches!(c, b'-' | b'_' | b'.');
        let good = text.len() <= MAX_NAME_BYTES
            && text.bytes().next().is_some_and(first)
            && text.bytes().all(rest);
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError {
                text: text.chars().take(80).collect(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_as_file_names() {
        for good in ["a", "hospital-a", "0.1_b", &"x".repeat(64)] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "A",
            ".",
            "..",
            "-a",
            "a/b",
            "a b",
            "\u{e9}",
            "a\0",
            &"x".repeat(65),
        ] {
            assert!(bad.parse::<Name>().is_err(), "{bad}");
        }
    }
}
