//! The crate as others use it.

mod lookup;
mod map;
mod model;
