use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A part of the software TEE's wall around a process, as it is named in Evidence
/// (specs/software-evidence.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Protection {
    /// Landlock denies the process every file, socket and signal that it was not handed.
    Landlock,
    /// Nothing can make it dump core.
    NoCore,
    /// A seccomp filter leaves it only the system calls that it needs.
    Seccomp,
    /// All its writable memory lies in `memfd_secret(2)` pages, which the kernel itself has
    /// unmapped, and all its code in pages that cannot be written.
    SecretMemory,
    /// It is traced by its own guardian, so that nobody else can attach.
    Traced,
}

/// Protections, each at most once, in the order of their names.
pub type Protections = BTreeSet<Protection>;

impl Protection {
    /// Every protection, in the order of their names.
    pub const ALL: [Self; 5] = [
        Self::Landlock,
        Self::NoCore,
        Self::Seccomp,
        Self::SecretMemory,
        Self::Traced,
    ];

    /// Its name, as in release documents, Evidence and on screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Landlock => "landlock",
            Self::NoCore => "no-core",
            Self::Seccomp => "seccomp",
            Self::SecretMemory => "secret-memory",
            Self::Traced => "traced",
        }
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no protection.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{name}` is no protection; use one of landlock, no-core, seccomp, secret-memory, traced")]
pub struct UnknownProtection {
    /// The text, cut to 80 characters.
    pub name: String,
}

impl FromStr for Protection {
    type Err = UnknownProtection;

    fn from_str(name: &str) -> Result<Self, UnknownProtection> {
        Self::ALL
            .into_iter()
            .find(|protection| protection.as_str() == name)
            .ok_or_else(|| UnknownProtection {
                name: name.chars().take(80).collect(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_that_of_the_names() {
        assert!(
            Protection::ALL
                .windows(2)
                .all(|pair| { pair[0] < pair[1] && pair[0].as_str() < pair[1].as_str() })
        );
        for protection in Protection::ALL {
            assert_eq!(protection.as_str().parse(), Ok(protection));
        }
        assert!("none".parse::<Protection>().is_err());
    }
}
