//! Look-ups whose memory trace does not depend on what is looked up.

mod error;
mod join;
mod kernel;
#[doc(hidden)]
pub mod measure;
mod memory;
mod oram;
mod reveal;
mod route;
mod secret;
mod shape;
mod sort;
mod table;
mod tags;
mod workers;

pub use error::ObliviousError;
pub use join::{Answers, Batch, BatchClass, Client};
pub use kernel::{KernelKind, KernelSet};
pub use oram::OramMap;
pub use secret::{Answer, Secret};
pub use shape::{KeyKind, MAX_KEY_BYTES, MAX_VALUE_BYTES, Shape};
pub use table::{Applied, Change, Table, TableBuilder};
pub use workers::{Alone, Threads, Workers};
