use std::fmt;

use adyton_appraisal::{FailedClaim, PolicyError};
use adyton_types::ErrorClass;
use thiserror::Error;

use crate::WireError;

/// Why a receipt proves nothing to whoever has these pins.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// Its form is wrong.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A pinned platform can be anybody's, so that it would vouch for any receipt.
    #[error("a pinned platform proves nothing: {0}")]
    Pins(#[from] PolicyError),
    /// Checks failed: all of them, in the order of the spec.
    #[error("the receipt does not hold: {}", Joined(failed))]
    Failed {
        /// Every check that failed.
        failed: Vec<FailedClaim>,
        /// Whose fault it is: that of the Evidence, where only that failed. Endorsements that are not
        /// there or have ended are no reason to distrust the machine.
        class: ErrorClass,
    },
}

impl ReceiptError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Wire(error) => error.class(),
            Self::Pins(error) => error.class(),
            Self::Failed { class, .. } => *class,
        }
    }
}

struct Joined<'a>(&'a [FailedClaim]);

impl fmt::Display for Joined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, failed) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            write!(f, "{comma}{failed}")?;
        }
        Ok(())
    }
}
