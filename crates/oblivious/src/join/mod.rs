//! Looking up a whole batch in one pass over a table.
//!
//! 1. Keys become tags; the tags are sorted by a network; equal ones are marked.
//! 2. The tags are cut into buckets by their first bits, four for each query of the batch's class.
//!    Each bucket has four places, and 64 buckets together a stash of eight more. Two networks move
//!    the tags there.
//! 3. The table is in the same order. So it is read once, from its first record to its last, and
//!    each record is compared with the places of its bucket and stash, which are in registers.
//! 4. The same networks, backwards, bring what was found to where its query came from.

mod answers;
mod batch;
mod class;
mod pass;
mod place;
mod scan;
mod scratch;

pub use answers::Answers;
pub use batch::{Batch, Client};
pub use class::BatchClass;

#[cfg(test)]
mod tests;
