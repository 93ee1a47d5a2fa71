use std::fmt;

/// The architectures whose devices attest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Architecture {
    /// GH100 GPUs.
    Hopper,
    /// GB100 and its relatives.
    Blackwell,
    /// LS10 NVSwitches.
    Ls10,
}

impl Architecture {
    /// Every architecture.
    pub const ALL: [Self; 3] = [Self::Hopper, Self::Blackwell, Self::Ls10];

    /// Its name in serialised Evidence.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hopper => "HOPPER",
            Self::Blackwell => "BLACKWELL",
            Self::Ls10 => "LS10",
        }
    }

    /// Whether it is a switch, not a GPU.
    #[must_use]
    pub const fn is_switch(self) -> bool {
        matches!(self, Self::Ls10)
    }

    /// The chip's name in common names of certificates.
    const fn certificate_prefixes(self) -> &'static [&'static str] {
        match self {
            Self::Hopper => &["GH100 "],
            Self::Blackwell => &["GB100 ", "GB102 ", "GB202 "],
            Self::Ls10 => &["LS_10 "],
        }
    }

    /// The chip's names in manifests (`product`).
    pub(crate) const fn products(self) -> &'static [&'static str] {
        match self {
            Self::Hopper => &["GH100"],
            Self::Blackwell => &["GB100", "GB102", "GB202"],
            Self::Ls10 => &["LS10"],
        }
    }

    /// The architecture of that name in serialised Evidence.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str() == name)
    }

    /// The architecture that a leaf's common name begins with.
    pub(crate) fn of_common_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|architecture| {
            let mut prefixes = architecture.certificate_prefixes().iter();
            prefixes.any(|prefix| name.starts_with(prefix))
        })
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
