use adyton_types::Evidence;

use super::error::EnvelopeError;

/// What was found in an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The Evidence.
    pub evidence: Evidence,
    /// What it was wrapped in, the outermost first; empty for Evidence as the TEE gave it.
    pub layers: Vec<&'static str>,
    /// What came with it and may be an Endorsement, not looked at.
    pub beside: Vec<Vec<u8>>,
}

/// Finds the Evidence in bytes that may be an envelope themselves, which so many more may follow.
pub(super) type Unwrap = fn(&[u8], usize) -> Result<Found, EnvelopeError>;
