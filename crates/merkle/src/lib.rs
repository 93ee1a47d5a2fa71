//! The tree under a transparency log: RFC 6962 hashing, proofs, and the C2SP text and file formats
//! by which anyone can check a log with tools that are not ours.
//!
//! - A tree grows through an [`Appender`], which needs the [`Frontier`] only: at most 64 hashes.
//! - Whoever keeps the nodes ([`ReadNodes`]) can prove inclusion and consistency at every size.
//! - [`verify_inclusion`] and [`verify_consistency`] check proofs against roots.
//! - [`Checkpoint`] is a root with a size and a name, [`LogKey`] signs it, [`LogVerifier`] opens it.
//! - [`Tile`] and [`encode_entry_bundle`] lay the log out as static files.
//!
//! Sources: RFC 6962 section 2.1, RFC 9162 sections 2.1.3 and 2.1.4; C2SP `tlog-tiles`,
//! `tlog-checkpoint` and `signed-note`, each v1.

mod appender;
mod bundle;
mod checkpoint;
mod error;
mod frontier;
mod hash;
mod note;
mod origin;
mod prove;
mod tile;
mod verify;

pub use appender::{Appended, Appender};
pub use bundle::{MAX_ENTRY_BYTES, decode_entry_bundle, encode_entry_bundle};
pub use checkpoint::{Checkpoint, LogKey, LogVerifier};
pub use error::MerkleError;
pub use frontier::Frontier;
pub use hash::{empty_root, leaf_hash, node_hash};
pub use note::MAX_NOTE_BYTES;
pub use origin::{MAX_ORIGIN_BYTES, Origin};
pub use prove::{NodeId, ReadNodes, consistency_proof, inclusion_proof, root_at};
pub use tile::{TILE_HEIGHT, TILE_WIDTH, Tile, TileKind, entry_bundles_at, tiles_at};
pub use verify::{MAX_PROOF_HASHES, verify_consistency, verify_inclusion};
