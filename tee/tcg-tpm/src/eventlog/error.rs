use adyton_types::ErrorClass;
use thiserror::Error;

use super::EventType;
use crate::{HashAlg, alg_name};

/// Why an event log is not believed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EventLogError {
    /// The log ends inside an event.
    #[error("the event log ends inside `{field}`, at byte {at}")]
    Truncated {
        /// Offset at which more bytes were needed.
        at: usize,
        /// The field.
        field: &'static str,
    },
    /// It is no crypto-agile log: its digests are SHA-1.
    #[error("the event log is of the SHA-1 form; a crypto-agile one (`Spec ID Event03`) is needed")]
    NotCryptoAgile,
    /// A field of its header is wrong.
    #[error("`{field}` of the event log's header is {found:#x}, which is not allowed")]
    Header {
        /// The field.
        field: &'static str,
        /// The value found.
        found: u64,
    },
    /// There are too many events.
    #[error("the event log holds more than {max} events")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// An event has a digest of a bank that the header does not name, or has one twice.
    #[error("the event at byte {at} has a digest too many, of {}", alg_name(*.bank))]
    ForeignDigest {
        /// Offset of the event.
        at: usize,
        /// The bank.
        bank: u16,
    },
    /// An event extends no register that there is.
    #[error("the event at byte {at} is for register {register}, which does not exist")]
    Register {
        /// Offset of the event.
        at: usize,
        /// The register.
        register: u32,
    },
    /// An event lacks a digest of the bank that is replayed.
    #[error("the event at byte {at} has no digest of the {bank} bank")]
    NoDigest {
        /// Offset of the event.
        at: usize,
        /// The bank.
        bank: HashAlg,
    },
    /// An event of a type whose digest is over its data has another digest.
    #[error("the digest of the {kind} event at byte {at} is not that of its data")]
    Digest {
        /// Offset of the event.
        at: usize,
        /// Its type.
        kind: EventType,
    },
    /// A `StartupLocality` event is malformed, or is not the first of PCR 0.
    #[error("the StartupLocality event at byte {at} is not valid there")]
    StartupLocality {
        /// Offset of the event.
        at: usize,
    },
    /// The events of a register do not add up to its quoted value.
    #[error("the events of register {register} add up to another value than the quoted one")]
    Mismatch {
        /// The register.
        register: u32,
    },
    /// Something was measured into a quoted register, and the log has no event for it.
    #[error(
        "something was measured into register {register}, and the event log has no event for it"
    )]
    Unexplained {
        /// The register.
        register: u32,
    },
    /// Policy asks for a register that has no event in the log.
    #[error("the event log has no event for register {register}")]
    Unlogged {
        /// The register.
        register: u32,
    },
}

impl EventLogError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Digest { .. }
            | Self::Mismatch { .. }
            | Self::Unexplained { .. }
            | Self::Unlogged { .. } => ErrorClass::Rejected,
            _ => ErrorClass::Malformed,
        }
    }
}
