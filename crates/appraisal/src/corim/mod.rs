//! CoRIM (draft-ietf-rats-corim): Reference Values as vendors write them, read into a draft of the
//! own form of list. Only what that form can say in full is taken: digests of a class of platforms,
//! without further conditions. Everything else is listed, with where it is, and nothing is dropped
//! in silence.

mod envelope;
mod error;
mod found;
mod import;
mod node;
mod read;
mod signer;

#[cfg(test)]
mod tests;

pub use envelope::MAX_CORIM_BYTES;
pub use error::CorimError;
pub use found::{CorimImport, LeftOut, Taken};
pub use read::{danger_import_unverified_corim, import_corim};
pub use signer::CorimSigner;
