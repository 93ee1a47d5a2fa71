//! What a data owner agrees to.

mod choice;
mod error;
mod explain;
mod hardware;
mod release_document;
mod text;

pub use error::DocumentError;
pub use release_document::{MAX_DOCUMENT_BYTES, ReleaseDocument};
