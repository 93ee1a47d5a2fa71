use std::fmt;

use adyton_codec::hex_encode;

use crate::TeeKind;

/// The most that Evidence of any kind may measure, certificates and event logs included. A TDX
/// quote takes 5 KiB, a TPM quote with its event log up to 200 KiB.
pub const MAX_EVIDENCE_BYTES: usize = 1 << 20;

/// Evidence (RFC 9334 section 4.2) as received: a kind that somebody claims, and bytes that nobody
/// has looked at. Only a Verifier turns it into something to rely on.
#[derive(Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The kind that the sender claims.
    pub kind: TeeKind,
    /// The bytes, in the vendor's own format.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Evidence({}, {} bytes)", self.kind, self.bytes.len())
    }
}

/// The 64 bytes that a TEE signs for its guest (`report_data`, `REPORTDATA`, `user_data`): always
/// the digest of a binding, never a caller's own text (`specs/binding.md`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReportData([u8; 64]);

impl ReportData {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl fmt::Debug for ReportData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReportData({})", hex_encode(&self.0))
    }
}
