use std::fmt;

use crate::TpmPublic;

/// A hierarchy of a TPM (TPM 2.0 part 1, section 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hierarchy {
    /// The owner's: storage.
    Owner,
    /// The platform firmware's.
    Platform,
    /// The privacy administrator's: endorsement.
    Endorsement,
    /// Gone at the next reset.
    Null,
}

impl Hierarchy {
    const ALL: [Self; 4] = [Self::Owner, Self::Platform, Self::Endorsement, Self::Null];

    /// Its handle (TPM 2.0 part 2, section 7.4).
    #[must_use]
    pub const fn handle(self) -> u32 {
        match self {
            Self::Owner => 0x4000_0001,
            Self::Null => 0x4000_0007,
            Self::Endorsement => 0x4000_000B,
            Self::Platform => 0x4000_000C,
        }
    }

    /// Its name, as on screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Platform => "platform",
            Self::Endorsement => "endorsement",
            Self::Null => "null",
        }
    }

    /// The hierarchy in which a key of that qualified name is a primary key: a primary key's is
    /// the digest of the hierarchy's handle and its own name (TPM 2.0 part 1, section 16.3).
    pub(crate) fn of_primary(key: &TpmPublic, qualified_name: &[u8]) -> Option<Self> {
        let name = key.name();
        let alg = key.name_alg();
        Self::ALL.into_iter().find(|hierarchy| {
            let mut qualified = alg.id().to_be_bytes().to_vec();
            qualified.extend(alg.digest(&[&hierarchy.handle().to_be_bytes(), &name]));
            qualified == qualified_name
        })
    }
}

impl fmt::Display for Hierarchy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
