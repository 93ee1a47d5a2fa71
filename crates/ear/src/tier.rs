use std::fmt;
use std::str::FromStr;

/// How far something may be trusted (draft-ietf-rats-ar4si section 2.3.2), from "nothing is said"
/// to "must not be".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Tier {
    /// The Verifier says nothing.
    #[default]
    None,
    /// The Verifier affirms it.
    Affirming,
    /// Something is not as it should be.
    Warning,
    /// It must not be trusted.
    Contraindicated,
}

impl Tier {
    const ALL: [Self; 4] = [
        Self::None,
        Self::Affirming,
        Self::Warning,
        Self::Contraindicated,
    ];

    /// The tier of one value of a trustworthiness vector.
    #[must_use]
    pub const fn of(value: i8) -> Self {
        match value {
            -1..=1 => Self::None,
            2..=31 | -32..=-2 => Self::Affirming,
            32..=95 | -96..=-33 => Self::Warning,
            96..=127 | -128..=-97 => Self::Contraindicated,
        }
    }

    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Affirming => "affirming",
            Self::Warning => "warning",
            Self::Contraindicated => "contraindicated",
        }
    }

    /// Its number in CBOR.
    #[must_use]
    pub const fn code(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Affirming => 2,
            Self::Warning => 32,
            Self::Contraindicated => 96,
        }
    }

    pub(crate) fn from_code(code: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.code() == code)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Tier {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.into_iter();
        all.find(|tier| tier.as_str() == name).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fall_into_the_tiers_of_the_draft() {
        for (value, tier) in [
            (0, Tier::None),
            (1, Tier::None),
            (-1, Tier::None),
            (2, Tier::Affirming),
            (31, Tier::Affirming),
            (-32, Tier::Affirming),
            (32, Tier::Warning),
            (95, Tier::Warning),
            (-96, Tier::Warning),
            (96, Tier::Contraindicated),
            (127, Tier::Contraindicated),
            (-128, Tier::Contraindicated),
        ] {
            assert_eq!(Tier::of(value), tier, "{value}");
        }
        assert!(Tier::None < Tier::Affirming && Tier::Warning < Tier::Contraindicated);
    }
}
