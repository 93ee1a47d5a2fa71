//! The tree against a second, naive implementation and against known answers.

mod notes;
mod support;
mod tiles;
mod tree;
