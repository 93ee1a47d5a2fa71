use std::fmt;

/// A generation of AMD EPYC processors with SEV-SNP: it decides the root key, the layout of TCB
/// versions and the length of the chip id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Generation {
    /// Zen 3 (EPYC 7003).
    Milan,
    /// Zen 4 (EPYC 9004, 8004): Genoa, Bergamo and Siena, which share one root.
    Genoa,
    /// Zen 5 (EPYC 9005).
    Turin,
}

impl Generation {
    /// Every generation that is known here.
    pub const ALL: [Self; 3] = [Self::Milan, Self::Genoa, Self::Turin];

    /// The generation's name, as AMD writes it in certificates and KDS addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Milan => "Milan",
            Self::Genoa => "Genoa",
            Self::Turin => "Turin",
        }
    }

    /// How many bytes of the 64 of a report's `CHIP_ID` are the chip's id; the others are zero
    /// (AMD 57230, section 2.1).
    #[must_use]
    pub const fn chip_id_bytes(self) -> usize {
        match self {
            Self::Milan | Self::Genoa => 64,
            Self::Turin => 8,
        }
    }

    /// The structure version that a V*EK certificate of this generation states, which fixes its
    /// set of extensions (AMD 57230, section 3.1).
    #[must_use]
    pub const fn certificate_version(self) -> u8 {
        match self {
            Self::Milan | Self::Genoa => 0,
            Self::Turin => 1,
        }
    }

    /// From the combined family and model of `CPUID` leaf 1, as a report of version 3 or later
    /// states them. `None` for a processor that is not known here, Venice included.
    #[must_use]
    pub const fn from_cpuid(family: u8, model: u8) -> Option<Self> {
        match (family, model) {
            (0x19, 0x00..=0x0f) => Some(Self::Milan),
            (0x19, 0x10..=0x1f | 0xa0..=0xaf) => Some(Self::Genoa),
            (0x1a, 0x00..=0x11) => Some(Self::Turin),
            _ => None,
        }
    }

    /// From the product name in a certificate: `Milan`, or with a stepping, `Milan-B0`.
    #[must_use]
    pub fn from_product(name: &str) -> Option<Self> {
        let (product, stepping) = match name.split_once('-') {
            Some((product, stepping)) => (product, Some(stepping)),
            None => (name, None),
        };
        let stepping_is_one = |text: &str| matches!(text.as_bytes(), [b'A'..=b'Z', b'0'..=b'9']);
        if !stepping.is_none_or(stepping_is_one) {
            return None;
        }
        Self::ALL.into_iter().find(|g| g.as_str() == product)
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact() {
        assert_eq!(
            Generation::from_product("Milan-B0"),
            Some(Generation::Milan)
        );
        assert_eq!(Generation::from_product("Turin"), Some(Generation::Turin));
        for other in [
            "",
            "milan",
            "Milan-",
            "Milan-B",
            "Milan-B01",
            "Milan B0",
            "Venice",
            "Genoa\0",
        ] {
            assert_eq!(Generation::from_product(other), None, "{other:?}");
        }
    }

    #[test]
    fn models_of_other_generations_are_unknown() {
        assert_eq!(Generation::from_cpuid(0x19, 0x01), Some(Generation::Milan));
        assert_eq!(Generation::from_cpuid(0x19, 0xa0), Some(Generation::Genoa));
        assert_eq!(Generation::from_cpuid(0x1a, 0x02), Some(Generation::Turin));
        for (family, model) in [
            (0x19, 0x20),
            (0x19, 0xb0),
            (0x1a, 0x12),
            (0x1a, 0x50),
            (0x17, 1),
        ] {
            assert_eq!(Generation::from_cpuid(family, model), None);
        }
    }
}
