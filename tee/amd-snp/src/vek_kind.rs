use std::fmt;

use crate::Generation;

/// The kinds of key that sign reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VekKind {
    /// Versioned Chip Endorsement Key: derived from the chip's own secret and its TCB.
    Vcek,
    /// Versioned Loaded Endorsement Key: lent by AMD to a cloud, for a TCB.
    Vlek,
}

impl VekKind {
    pub(crate) const ALL: [Self; 2] = [Self::Vcek, Self::Vlek];

    /// The kind that a report's `SIGNING_KEY` names; `None` for 7 (no signature) and reserved
    /// values.
    #[must_use]
    pub const fn from_signing_key(value: u32) -> Option<Self> {
        match value {
            0 => Some(Self::Vcek),
            1 => Some(Self::Vlek),
            _ => None,
        }
    }

    /// The common name in certificates of that kind of key.
    pub(crate) const fn certificate_name(self) -> &'static str {
        match self {
            Self::Vcek => "SEV-VCEK",
            Self::Vlek => "SEV-VLEK",
        }
    }

    /// The common name of the authority that signs them.
    pub(crate) fn authority_name(self, generation: Generation) -> String {
        match self {
            Self::Vcek => format!("SEV-{generation}"),
            Self::Vlek => format!("SEV-VLEK-{generation}"),
        }
    }
}

impl fmt::Display for VekKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vcek => "VCEK",
            Self::Vlek => "VLEK",
        })
    }
}
