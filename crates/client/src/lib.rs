//! The Rust SDK: everything that the `adyton` command does, as functions.

mod file_error;
mod new_file;
mod read_file;

pub use file_error::FileError;
pub use new_file::{Access, Existing, NewFile};
pub use read_file::read_file;
