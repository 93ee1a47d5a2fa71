//! The crate as others use it.

mod lookup;
mod model;
