use adyton_types::UnixTime;

use crate::References;
use crate::references::NO_REFERENCES;

/// What is known beside the Evidence when it is appraised.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The time, by the one who appraises.
    pub now: UnixTime,
    /// The signed lists at hand.
    pub references: &'a References,
}

impl Context<'static> {
    /// A time, and no signed lists: policies that want one fail.
    #[must_use]
    pub const fn at(now: UnixTime) -> Self {
        Self {
            now,
            references: &NO_REFERENCES,
        }
    }
}
