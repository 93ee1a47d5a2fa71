use adyton_types::{ErrorClass, TeeKind};
use thiserror::Error;

/// Why something is no platform policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It names no platform measurement, so would accept any program as Adyton.
    #[error("a platform needs at least one of `measurements`")]
    NoMeasurements,
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
}

impl PolicyError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(self) -> ErrorClass {
        ErrorClass::Malformed
    }
}
