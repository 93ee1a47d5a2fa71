use std::ops::Range;

use adyton_types::ErrorClass;
use thiserror::Error;

use crate::error::ManifestError;

/// What is wrong with an `adyton.toml`, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{problem}")]
pub struct SourceError {
    problem: SourceProblem,
    span: Option<Range<usize>>,
}

impl SourceError {
    /// What is wrong.
    #[must_use]
    pub const fn problem(&self) -> &SourceProblem {
        &self.problem
    }

    /// The bytes of the text that it is about.
    #[must_use]
    pub fn span(&self) -> Option<Range<usize>> {
        self.span.clone()
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}

/// What can be wrong with an `adyton.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SourceProblem {
    /// It is no TOML.
    #[error("this is no TOML: {message}")]
    Syntax {
        /// The parser's words.
        message: String,
    },
    /// It is longer than any has to be.
    #[error("the file measures {found} bytes; 262144 are enough for any manifest")]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// A key that is not known.
    #[error("`{key}` is not known in {section}; the keys are: {known}")]
    UnknownKey {
        /// The key, cut to 80 characters.
        key: String,
        /// Where it stands.
        section: &'static str,
        /// The keys that are known there.
        known: String,
    },
    /// A key that has to be there is not.
    #[error("{section} lacks `{key}`")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// Where it should stand.
        section: &'static str,
    },
    /// A value of another kind.
    #[error("this should be {expected}, and is {found}")]
    Kind {
        /// What it should be.
        expected: &'static str,
        /// What it is, in TOML's words.
        found: &'static str,
    },
    /// A size that cannot be read.
    #[error("`{text}` is no size; write a number of bytes, or like \"64KiB\", \"1MiB\", \"2GiB\"")]
    Size {
        /// The text, cut to 80 characters.
        text: String,
    },
    /// A time that cannot be read.
    #[error(
        "`{text}` is no time; write a number of seconds, or like \"30s\", \"5m\", \"2h\", \"7d\""
    )]
    Duration {
        /// The text, cut to 80 characters.
        text: String,
    },
    /// A broker's id that is none.
    #[error("`{text}` is no broker's id; its owner sees the 64 digits with `adyton broker show`")]
    Broker {
        /// The text, cut to 80 characters.
        text: String,
    },
    /// The component's path is empty.
    #[error("the component's path is empty; name the WebAssembly file")]
    EmptyPath,
    /// A rule of the manifest itself.
    #[error(transparent)]
    Rule(ManifestError),
}

impl SourceProblem {
    pub(super) const fn at(self, span: Range<usize>) -> SourceError {
        SourceError {
            problem: self,
            span: Some(span),
        }
    }

    pub(super) const fn nowhere(self) -> SourceError {
        SourceError {
            problem: self,
            span: None,
        }
    }
}
