use adyton_types::ErrorClass;
use thiserror::Error;

/// Why no Evidence is found.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The input is larger than any envelope.
    #[error("the input is {found} bytes long; at most {max} are allowed")]
    TooLong {
        /// Its length.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// Envelopes lie too deep in each other.
    #[error("envelopes lie more than six deep in each other")]
    TooDeep,
    /// No form of Evidence that is known here.
    #[error(
        "this is no Evidence that is known here: not that of a TEE, nor in hexadecimal, base64, PEM or a JSON envelope of Trustee, Azure or attestation-rs"
    )]
    Unknown,
    /// It begins as Evidence, and ends too early or is of an unknown version.
    #[error("this begins as {what}: {why}")]
    Broken {
        /// As what.
        what: &'static str,
        /// What is wrong.
        why: &'static str,
    },
    /// A part of a JSON envelope is missing or not of its form.
    #[error("the JSON envelope's `{field}` is missing or not of its form")]
    Part {
        /// Which.
        field: &'static str,
    },
    /// The report was taken apart into fields.
    #[error(
        "`{field}` holds a report taken apart into fields; what the TEE signed is no longer there: ask for the report's bytes"
    )]
    TakenApart {
        /// Where.
        field: String,
    },
    /// An object has a member twice.
    #[error("an object of the JSON has a member twice: which one counts, readers disagree on")]
    Twice,
    /// Several pieces of Evidence are in one envelope.
    #[error("the envelope holds several pieces of Evidence (`{first}`, `{second}`); pass one")]
    Several {
        /// Where one is.
        first: String,
        /// Where another is.
        second: String,
    },
}

impl EnvelopeError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}
