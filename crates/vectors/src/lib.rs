//! Recorded Evidence for tests. It is other people's, so it is no part of the repository: the
//! directory that `ADYTON_VECTORS` names holds it, and where the variable is not set, tests over it
//! say so and return. Whatever is missing in the directory is a panic, for a test that found
//! nothing to judge would have shown nothing.

mod vectors;

pub use vectors::Vectors;
