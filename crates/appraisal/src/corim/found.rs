use std::collections::BTreeMap;
use std::fmt;

use adyton_types::{PlatformMeasurement, TeeKind, UnixTime};

/// What was read of a CoRIM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorimImport {
    /// Its id.
    pub id: String,
    /// The profile whose rules its maker follows, if it names one.
    pub profile: Option<String>,
    /// From when on it counts, if it says.
    pub not_before: Option<UnixTime>,
    /// Until when, if it says.
    pub not_after: Option<UnixTime>,
    /// The values that were taken.
    pub taken: BTreeMap<(TeeKind, PlatformMeasurement), Taken>,
    /// Everything else: what a list cannot say, and what is not understood.
    pub left: Vec<LeftOut>,
}

/// A value that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Where it stands.
    pub at: String,
    /// What it is of, in the CoRIM's own words.
    pub note: String,
}

/// Something that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it stands.
    pub at: String,
    /// Why.
    pub why: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at.escape_debug(), self.why.escape_debug())
    }
}
