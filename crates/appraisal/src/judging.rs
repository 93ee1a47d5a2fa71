use adyton_verifier::Endorsements;

use crate::References;

/// What Evidence of hardware is judged by: the vendors' Endorsements, and signed lists of
/// Reference Values. Both are verified when they get here, and end by themselves: what has run out
/// accepts nothing. Evidence of the software TEE needs neither.
#[derive(Debug, Default)]
pub struct Judging {
    /// The vendors' Endorsements.
    pub endorsements: Endorsements,
    /// The signed lists; which signers count, each policy says.
    pub references: References,
}
