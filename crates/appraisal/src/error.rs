use adyton_types::{ErrorClass, TeeKind};
use thiserror::Error;

/// Why something is no policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It is no TOML, lacks a key, or has one that policies do not have.
    #[error("not an Appraisal Policy: {0}")]
    Toml(#[from] toml::de::Error),
    /// It is of another version.
    #[error("`version` is {found}; this is about version 1")]
    Version {
        /// The version found.
        found: u64,
    },
    /// It is longer than a policy may be.
    #[error("an Appraisal Policy has at most 65536 bytes, not {found}")]
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
    /// A list is longer than anybody can have read.
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
    /// It names no platform measurement, so would accept any program as Adyton.
    #[error("a platform needs at least one of `measurements`, or `reference-values`")]
    NoMeasurements,
    /// Two keys say which Adyton may run.
    #[error("a platform has `measurements` or `reference-values`, not both")]
    TwoMeasurements,
    /// The software TEE has no root but the pinned key.
    #[error("a platform of kind `software` needs at least one of `platform-ids`")]
    NoPlatformIds,
    /// A measurement or platform id cannot be one of this kind.
    #[error("a {what} of kind `{kind}` is {expected} bytes long, not {found}")]
    WrongLength {
        /// `measurement` or `platform id`.
        what: &'static str,
        /// The kind.
        kind: TeeKind,
        /// Length for the kind.
        expected: usize,
        /// Length found.
        found: usize,
    },
    /// The software TEE has rules of its own, which a hardware policy would leave out.
    #[error("kind `software` has no `tcb`; use `min-svn` and `require`")]
    NotHardware,
    /// A platform lacks a key that its kind needs.
    #[error("a platform of kind `{kind}` needs `{key}`")]
    Needs {
        /// The kind.
        kind: TeeKind,
        /// The key.
        key: &'static str,
    },
    /// A platform lacks an attribute without which its measurements say nothing.
    #[error("a platform of kind `{kind}` needs one of the `attributes` {}", names.join(" or "))]
    NeedsAttribute {
        /// The kind.
        kind: TeeKind,
        /// The attributes, one of which is enough.
        names: &'static [&'static str],
    },
    /// A platform has a key that means nothing for its kind.
    #[error("a platform of kind `{kind}` has no `{key}`")]
    NotForKind {
        /// The kind.
        kind: TeeKind,
        /// The key.
        key: &'static str,
    },
    /// A word that no Evidence of the kind has: nothing could ever satisfy it, or it would deny
    /// nothing.
    #[error("`{key}`: no Evidence of kind `{kind}` has `{text}`{instead}")]
    Unknown {
        /// The key.
        key: &'static str,
        /// The kind.
        kind: TeeKind,
        /// The word.
        text: String,
        /// Which there are, if they can be listed.
        instead: String,
    },
    /// Two keys contradict each other.
    #[error("`{first}` and `{second}` contradict each other: {why}")]
    Contradiction {
        /// One key.
        first: &'static str,
        /// The other.
        second: &'static str,
        /// How.
        why: String,
    },
    /// Something that only an Appraisal Policy may accept, by which somebody looks at Evidence.
    #[error(
        "{what} can be anybody's: no release document accepts it, and nothing that a receipt or a service is believed by"
    )]
    NotDependable {
        /// What.
        what: &'static str,
    },
}

impl PolicyError {
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
