use std::fmt;

/// What the hypervisor says when it does not hand a request on (GHCB specification 56421).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VmmError {
    /// `SNP_GUEST_VMM_ERR_INVALID_LEN`: the room for the table is too small.
    InvalidLength,
    /// `SNP_GUEST_VMM_ERR_BUSY`: throttled.
    Busy,
    /// Another.
    Other(u32),
}

impl fmt::Display for VmmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidLength => f.write_str("the room for the certificate table is too small"),
            Self::Busy => f.write_str("it is busy, requests are throttled"),
            Self::Other(code) => write!(f, "error {code:#x}"),
        }
    }
}

impl VmmError {
    pub(super) const fn of(exitinfo2: u64) -> Option<Self> {
        match exitinfo2 >> 32 {
            0 => None,
            1 => Some(Self::InvalidLength),
            2 => Some(Self::Busy),
            #[expect(clippy::cast_possible_truncation, reason = "the upper half of 64 bits")]
            code => Some(Self::Other(code as u32)),
        }
    }
}
