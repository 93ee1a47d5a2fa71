use std::fmt;

use adyton_codec::hex_encode;

use crate::{WireError, wire};

/// The most bytes that a freshness token may have; a broker's epoch token has 57.
pub const MAX_FRESHNESS_BYTES: usize = 128;

/// What makes a binding fresh: a broker's epoch token, or for a receipt the run's id. Having one
/// tells you its length, and nothing of who made it or when.
#[derive(Clone, PartialEq, Eq)]
pub struct Freshness(Vec<u8>);

impl Freshness {
    /// From its bytes.
    ///
    /// # Errors
    /// [`WireError::Length`] unless there are 1 to [`MAX_FRESHNESS_BYTES`].
    pub fn new(bytes: &[u8]) -> Result<Self, WireError> {
        wire::length("fresh", bytes.len(), MAX_FRESHNESS_BYTES)?;
        Ok(Self(bytes.to_vec()))
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Freshness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Freshness({})", hex_encode(&self.0))
    }
}
