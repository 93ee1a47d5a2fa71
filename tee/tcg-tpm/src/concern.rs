use std::fmt;

use crate::{AkSource, TpmClaims};

/// Something about authentic Evidence that weakens it so much that a policy has to name it to
/// accept it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Concern {
    /// The Attestation Key's certificate says that it is an Endorsement Key: nothing but its keyUsage
    /// tells that its authority looked at what the key may sign.
    AkCertifiedAsEk,
}

impl Concern {
    /// Its name, as in policies and on screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AkCertifiedAsEk => "ak-certified-as-ek",
        }
    }
}

impl fmt::Display for Concern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TpmClaims {
    /// What a policy must refuse unless it names the exception.
    #[must_use]
    pub fn concerns(&self) -> Vec<Concern> {
        match self.ak_source {
            AkSource::Certificate { for_ek: true, .. } => vec![Concern::AkCertifiedAsEk],
            _ => Vec::new(),
        }
    }
}
