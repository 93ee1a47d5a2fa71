use std::fmt;
use std::str::FromStr;

use crate::MerkleError;

/// The most bytes that an origin may have.
pub const MAX_ORIGIN_BYTES: usize = 255;

/// A log's name, which is the first line of its checkpoints and the name of its key (C2SP
/// `tlog-checkpoint`, `signed-note`). The only constructor is [`str::parse`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = MerkleError;

    fn from_str(text: &str) -> Result<Self, MerkleError> {
        let fits = (1..=MAX_ORIGIN_BYTES).contains(&text.len());
        let banned = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if fits && !text.contains(banned) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MerkleError::Origin)
        }
    }
}
