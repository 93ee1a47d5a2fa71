use std::path::PathBuf;

use thiserror::Error;

/// Why a check could not be made, or what it found.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TraceError {
    /// A file cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no program.
    #[error("`{path}` cannot be understood: {source}")]
    Object {
        /// The file.
        path: PathBuf,
        /// Why.
        source: object::Error,
    },
    /// A program has not the section that is to be read.
    #[error("`{path}` has no section `{section}`")]
    NoSection {
        /// The file.
        path: PathBuf,
        /// The section.
        section: &'static str,
    },
    /// A process cannot be started or traced.
    #[error("cannot trace `{what}`: {source}")]
    Trace {
        /// What was run.
        what: String,
        /// Why.
        source: std::io::Error,
    },
    /// The victim did not do what it should.
    #[error("`{what}` ended without a trace")]
    NoTrace {
        /// What was run.
        what: String,
    },
    /// Two secrets leave different traces.
    #[error("`{case}` on {kernels}: secret {secret} leaves another trace than secret {other}")]
    Differs {
        /// What was looked up, and how.
        case: &'static str,
        /// The kernel set.
        kernels: &'static str,
        /// One secret.
        secret: u64,
        /// The other.
        other: u64,
    },
    /// A leak that is there on purpose was not found.
    #[error("the leak in `{case}` was not found by {method}")]
    Blind {
        /// What leaks.
        case: &'static str,
        /// What should have found it.
        method: &'static str,
    },
    /// Instructions that must not be there.
    #[error("{count} forbidden instructions, the first at {address:#x}: {text}")]
    Forbidden {
        /// How many.
        count: usize,
        /// Where the first is.
        address: u64,
        /// What it is.
        text: String,
    },
    /// Memcheck saw a branch or an address that depends on a secret.
    #[error("`{case}` branches on a secret or reads where a secret says:\n{report}")]
    Poisoned {
        /// What was looked up.
        case: &'static str,
        /// What memcheck says.
        report: String,
    },
}
