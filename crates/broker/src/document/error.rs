use adyton_appraisal::{PlatformCodecError, PolicyError};
use adyton_codec::CodecError;
use adyton_types::ErrorClass;
use thiserror::Error;

/// Why something is no release document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// It is no TOML, lacks a key, or has one that release documents do not have.
    #[error("not a release document: {0}")]
    Toml(#[from] toml::de::Error),
    /// It is not the deterministic CBOR of one.
    #[error("not an encoded release document: {0}")]
    Codec(#[from] CodecError),
    /// It is of another version.
    #[error("`version` is {found}; this is about version 1")]
    Version {
        /// The version found.
        found: u64,
    },
    /// It is longer than a document may be.
    #[error("a release document has at most 65536 bytes, not {found}")]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// A value is not what its key wants.
    #[error("`{key}`: `{text}` is {rule}")]
    Value {
        /// The key.
        key: &'static str,
        /// The value, cut to 100 characters.
        text: String,
        /// What is wrong with it.
        rule: &'static str,
    },
    /// A list is empty that would then allow nothing, or anything.
    #[error("`{key}` is empty; name at least one")]
    Empty {
        /// The key.
        key: &'static str,
    },
    /// A list is longer than any owner can have read.
    #[error("`{key}` has {found} entries; at most {max} are allowed")]
    TooMany {
        /// The key.
        key: &'static str,
        /// How many there are.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// A list has the same entry twice.
    #[error("`{key}` has `{text}` twice")]
    Twice {
        /// The key.
        key: &'static str,
        /// The entry.
        text: String,
    },
    /// The period ends before it begins.
    #[error(
        "`not-after` ({not_after}) is before `not-before` ({not_before}); nothing could be released"
    )]
    Period {
        /// When it begins.
        not_before: adyton_types::UnixTime,
        /// When it ends.
        not_after: adyton_types::UnixTime,
    },
    /// The budget is nothing.
    #[error("`max-releases` is 0; nothing could be released")]
    NoReleases,
    /// A platform cannot be accepted as it is written.
    #[error(transparent)]
    Platform(#[from] PolicyError),
}

impl DocumentError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }

    pub(crate) fn value(key: &'static str, text: &str, rule: &'static str) -> Self {
        let text = text.chars().take(100).collect();
        Self::Value { key, text, rule }
    }
}

impl From<PlatformCodecError> for DocumentError {
    fn from(error: PlatformCodecError) -> Self {
        match error {
            PlatformCodecError::Codec(error) => Self::Codec(error),
            PlatformCodecError::Policy(error) => Self::Platform(error),
        }
    }
}
