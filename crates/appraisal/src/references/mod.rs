//! Signed lists of Reference Values (`specs/reference-values.md`): which measurements are Adyton's,
//! said once by who builds it and used by all owners who trust that key.

mod error;
mod list;
mod store;
mod text;

pub use error::ReferenceError;
pub use list::{MAX_LIST_BYTES, ReferenceDraft, ReferenceValues};
pub(crate) use store::NO_REFERENCES;
pub use store::References;
