use std::fmt;

/// Whose fault an error is, and what the caller should do now.
///
/// Every error enum of the workspace answers with one of these from `class()`; this is the one
/// place that maps a class to the outside (process exit code, HTTP status).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The input is not what it claims to be. Sending it again will not help.
    Malformed,
    /// The input is well-formed, but not authentic or not acceptable under the policy.
    Rejected,
    /// Something has expired or been superseded: fetch it anew, then try again.
    Stale,
    /// Something that is needed cannot be reached or is full: try again later.
    Unavailable,
    /// The caller asked for something that makes no sense here: change the call.
    Misuse,
}

impl ErrorClass {
    /// Exit code of the `adyton` process.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Malformed => 2,
            Self::Rejected => 3,
            Self::Stale => 4,
            Self::Unavailable => 5,
            Self::Misuse => 70,
        }
    }

    /// HTTP status of an answer (RFC 9110 section 15).
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Rejected => 403,
            Self::Stale => 409,
            Self::Unavailable => 503,
            Self::Misuse => 500,
        }
    }

    /// The class's name, as in `--json` output and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Rejected => "rejected",
            Self::Stale => "stale",
            Self::Unavailable => "unavailable",
            Self::Misuse => "misuse",
        }
    }

    /// The class of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Malformed,
            Self::Rejected,
            Self::Stale,
            Self::Unavailable,
            Self::Misuse,
        ]
        .into_iter()
        .find(|class| class.as_str() == name)
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
