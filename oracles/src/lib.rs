//! What the comparisons share: the folder of vectors, timing, and a count of the heap.

mod heap;
mod timing;
mod vectors;

pub use heap::peak_of;
pub use timing::{median_ns, table};
pub use vectors::Vectors;
