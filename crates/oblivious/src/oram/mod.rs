//! A map for single keys and for records that are secret themselves: a Circuit ORAM (Wang, Chan,
//! Shi, "Circuit ORAM", CCS 2015) with an index of its own.
//!
//! Records lie in a tree of buckets. Each has a leaf, drawn at random, and lies somewhere between
//! the root and that leaf, or in a small stash. A look-up reads one such path and draws a new leaf,
//! so whoever watches sees random paths only. Two further paths, in a fixed order, are tidied up
//! after each look-up, which keeps the stash small. Where a record's leaf is written down is a
//! second such tree, by key; where *its* leaves are, a third, and so on down to a list that is
//! small enough to be read whole.

mod access;
mod evict;
mod index;
mod leaves;
mod map;
mod positions;
mod tree;

pub use map::OramMap;

#[cfg(test)]
mod tests;
