use std::fmt;

/// A claim that is not what the policy wants, in the words of the code that compared them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FailedClaim {
    /// Which claim.
    pub claim: String,
    /// What the policy wants.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl FailedClaim {
    /// Puts one together.
    #[must_use]
    pub fn new(claim: &str, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self {
            claim: claim.to_owned(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }
}

impl fmt::Display for FailedClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            claim,
            expected,
            found,
        } = self;
        write!(f, "{claim}: expected {expected}, found {found}")
    }
}
