use std::fmt;

use adyton_codec::CodecError;
use adyton_sealing::RecipientsError;
use adyton_types::{ErrorClass, Name, NameError};
use thiserror::Error;

use crate::limits::{
    MAX_ARGS, MAX_COMPONENT_BYTES, MAX_FILES, MAX_MANIFEST_BYTES, MAX_MEMORY_BYTES,
    MAX_OUTPUT_BYTES, MAX_TEXT_BYTES, MAX_TIME_SECS, MAX_VARIABLES, PAGE_BYTES,
};

/// One of the two streams that a program prints to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        })
    }
}

/// Which rule of `specs/program-measurement.md` a manifest breaks.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The bytes are not the one encoding of a manifest.
    #[error("the manifest is not well-formed")]
    Codec(#[from] CodecError),
    /// The manifest is longer than any may be.
    #[error("the manifest measures {found} bytes; at most {MAX_MANIFEST_BYTES} are allowed")]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// The manifest says what it says in another order or spelling than the one that is measured.
    #[error(
        "the manifest is not normalised: its lists are not sorted, or a text has another spelling"
    )]
    NotNormal,
    /// A kind of program that this version does not run.
    #[error("programs of kind `{found}` are not known here; only `component` is")]
    Kind {
        /// The kind.
        found: String,
    },
    /// A name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Two inputs have one name.
    #[error("the input `{name}` is declared twice; give each input its own name")]
    InputTwice {
        /// The name.
        name: Name,
    },
    /// Two outputs have one name.
    #[error("the output `{name}` is declared twice; give each output its own name")]
    OutputTwice {
        /// The name.
        name: Name,
    },
    /// More inputs than a manifest may have.
    #[error("there are more than {MAX_FILES} inputs; join some of them into one file")]
    TooManyInputs,
    /// More outputs than a manifest may have.
    #[error("there are more than {MAX_FILES} outputs; join some of them into one file")]
    TooManyOutputs,
    /// A recipient is none, or the recipients of an output do not go together.
    #[error("output `{output}`: {error}")]
    Recipients {
        /// The output.
        output: Name,
        /// What is wrong with them.
        error: RecipientsError,
    },
    /// A recipient is no age recipient. The reason is `adyton_sealing::RecipientError`.
    #[error("output `{output}`: {error}")]
    Recipient {
        /// The output.
        output: Name,
        /// What is wrong with it.
        error: adyton_sealing::RecipientError,
    },
    /// An output's limit is out of range.
    #[error("output `{output}` may measure {found} bytes; choose 1 to {MAX_OUTPUT_BYTES} (1TiB)")]
    OutputSize {
        /// The output.
        output: Name,
        /// Its limit.
        found: u64,
    },
    /// A stream goes to an output that is not declared.
    #[error("{stream} goes to `{name}`, which is no output; declare it as an [[output]]")]
    NoSuchOutput {
        /// The stream.
        stream: Stream,
        /// The name.
        name: Name,
    },
    /// The memory limit is out of range.
    #[error("the memory limit is {found} bytes; choose 64KiB to {MAX_MEMORY_BYTES} bytes (4GiB)")]
    Memory {
        /// The limit.
        found: u64,
    },
    /// The memory limit is no whole number of WebAssembly pages.
    #[error("the memory limit of {found} bytes is no multiple of {PAGE_BYTES} (64KiB)")]
    MemoryPages {
        /// The limit.
        found: u64,
    },
    /// The time limit is out of range.
    #[error("the time limit is {found} seconds; choose 1 to {MAX_TIME_SECS} (7d)")]
    Time {
        /// The limit.
        found: u64,
    },
    /// A switch has a value that is not known.
    #[error("`{found}` is not known for `{key}`; use one of: {known}")]
    Choice {
        /// The switch.
        key: &'static str,
        /// Its value.
        found: String,
        /// The values that it may have.
        known: &'static str,
    },
    /// More arguments than a manifest may have.
    #[error("there are more than {MAX_ARGS} arguments; put them into an input")]
    TooManyArgs,
    /// An argument is too long, or holds a NUL byte.
    #[error(
        "argument {index} is longer than {MAX_TEXT_BYTES} bytes or holds a NUL byte; put it into an input"
    )]
    Arg {
        /// Which argument, from 1.
        index: usize,
    },
    /// More variables than a manifest may have.
    #[error("there are more than {MAX_VARIABLES} environment variables; put them into an input")]
    TooManyVariables,
    /// A variable's name is none.
    #[error(
        "`{name}` is no name of a variable; use letters, digits and `_`, not beginning with a digit"
    )]
    VariableName {
        /// The name, cut to 80 characters.
        name: String,
    },
    /// A variable is too long, or holds a NUL byte.
    #[error(
        "variable `{name}` is longer than {MAX_TEXT_BYTES} bytes with its name, or holds a NUL byte"
    )]
    Variable {
        /// Its name, cut to 80 characters.
        name: String,
    },
    /// The component is empty or too large.
    #[error(
        "the component measures {found} bytes; it should have 1 to {MAX_COMPONENT_BYTES} (256MiB)"
    )]
    ComponentSize {
        /// Its size.
        found: u64,
    },
}

impl ManifestError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}
