use std::fmt;

/// One part of the software TEE's wall, as Evidence names it (specs/software-evidence.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Protection {
    /// The process can open no file and no connection.
    Landlock,
    /// Nothing can make the process dump core.
    NoCore,
    /// The process can make only the system calls that it needs.
    Seccomp,
    /// All writable memory of the process lies in secret pages, all its code in pages that cannot be written.
    SecretMemory,
    /// The process is traced by its own guardian, so that nobody else can attach to it.
    Traced,
}

impl Protection {
    /// All of them, sorted by name.
    pub const ALL: [Self; 5] = [
        Self::Landlock,
        Self::NoCore,
        Self::Seccomp,
        Self::SecretMemory,
        Self::Traced,
    ];

    /// The name in Evidence.
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

/// Which protections hold. Only [`lock_down`](crate::lock_down) makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protections {
    holding: Vec<Protection>,
    landlock_abi: u32,
}

impl Protections {
    pub(crate) fn new(mut holding: Vec<Protection>, landlock_abi: u32) -> Self {
        holding.sort_unstable();
        Self {
            holding,
            landlock_abi,
        }
    }

    /// Those that hold, sorted by name.
    #[must_use]
    pub fn holding(&self) -> &[Protection] {
        &self.holding
    }

    /// Their names, sorted, as Evidence lists them.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.holding.iter().map(|each| each.as_str()).collect()
    }

    /// Those that do not hold, sorted by name.
    #[must_use]
    pub fn missing(&self) -> Vec<Protection> {
        let mut missing = Protection::ALL.to_vec();
        missing.retain(|each| !self.holding.contains(each));
        missing
    }

    /// The version of Landlock's interface that holds; 0 if none does.
    #[must_use]
    pub const fn landlock_abi(&self) -> u32 {
        self.landlock_abi
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_as_evidence_wants_them() {
        let names: Vec<_> = Protection::ALL.iter().map(|each| each.as_str()).collect();
        assert!(names.is_sorted());
        assert!(Protection::ALL.is_sorted());
        let some = Protections::new(vec![Protection::Traced, Protection::NoCore], 0);
        assert_eq!(some.names(), ["no-core", "traced"]);
        assert_eq!(some.missing().len(), 3);
    }
}
