use adyton_types::ErrorClass;
use thiserror::Error;

/// The log's form.
pub(super) const FORM: &str = "event-log-form";
/// A digest that has to be that of its event's bytes is.
pub(super) const DIGEST: &str = "event-digest";
/// The digests give the quote's registers.
pub(super) const REPLAY: &str = "event-log-replay";

/// Why an event log is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EventLogError {
    /// The bytes are no log of the TCG's crypto-agile form.
    #[error("not an event log, at byte {at}: {what}")]
    Malformed {
        /// Where.
        at: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// The log is larger than what is read.
    #[error("the event log is too large: {what}")]
    TooLarge {
        /// What is.
        what: &'static str,
    },
    /// The log is no log of the dstack form.
    #[error("not a list of runtime events in JSON: {what}")]
    Json {
        /// What is wrong.
        what: &'static str,
    },
    /// An event's digest has to be that of its bytes, and is not.
    #[error("the digest of event {index}, of type {kind:#x}, is not that of its bytes")]
    Digest {
        /// Which event, from 0.
        index: usize,
        /// Its type.
        kind: u32,
    },
    /// The log does not give the quote's registers.
    #[error("the event log does not give RTMR{register} of the quote")]
    Register {
        /// The first that differs.
        register: usize,
    },
}

impl EventLogError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Malformed { .. } | Self::TooLarge { .. } | Self::Json { .. } => {
                ErrorClass::Malformed
            }
            Self::Digest { .. } | Self::Register { .. } => ErrorClass::Rejected,
        }
    }

    /// The name of the check that failed.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::Malformed { .. } | Self::TooLarge { .. } | Self::Json { .. } => FORM,
            Self::Digest { .. } => DIGEST,
            Self::Register { .. } => REPLAY,
        }
    }
}
