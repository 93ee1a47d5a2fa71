use std::path::{Path, PathBuf};

use adyton_merkle::{
    Checkpoint, Frontier, MAX_NOTE_BYTES, MerkleError, decode_entry_bundle, entry_bundles_at,
    leaf_hash,
};
use adyton_protocol::{Card, Leaf, WireError};
use adyton_types::{ErrorClass, Sha256Digest};
use thiserror::Error;

use crate::{FileError, read_file};

/// The longest bundle of 256 entries.
const MAX_ENTRIES_FILE_BYTES: u64 = 256 * (2 + u16::MAX as u64);

/// Why an exported log does not hold.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogError {
    /// A file is missing or not readable.
    #[error(transparent)]
    File(#[from] FileError),
    /// The checkpoint is not signed by the log's key, or a file is malformed.
    #[error("`{}`: {source}", path.display())]
    Merkle {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: MerkleError,
    },
    /// An entry is no leaf of a decision log.
    #[error("entry {index} is no decision")]
    Leaf {
        /// Its index.
        index: u64,
        /// What is wrong.
        source: WireError,
    },
    /// The entries are not those that the checkpoint was signed over.
    #[error(
        "the {size} entries have the root {found}, and the checkpoint was signed over {expected}: an entry was altered, added or removed"
    )]
    Root {
        /// How many entries there are.
        size: u64,
        /// The checkpoint's root.
        expected: Sha256Digest,
        /// The root of the entries.
        found: Sha256Digest,
    },
}

impl LogError {
    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::File(error) => error.class(),
            Self::Merkle { source, .. } => source.class(),
            Self::Leaf { source, .. } => source.class(),
            Self::Root { .. } => ErrorClass::Rejected,
        }
    }
}

/// Verifies a log that was exported to `dir` (C2SP `tlog-tiles`) against the log key in a broker's
/// card, which the caller has compared with a pinned id. Every entry is hashed anew.
///
/// # Errors
/// [`LogError`].
pub fn verify_log(dir: &Path, card: &Card) -> Result<(Checkpoint, Vec<Leaf>), LogError> {
    let place = dir.join("checkpoint");
    let signed = read_file(&place, "checkpoint", MAX_NOTE_BYTES as u64)?;
    let merkle = |path: &Path| {
        let path = path.to_owned();
        move |source| LogError::Merkle { path, source }
    };
    let signed = String::from_utf8_lossy(&signed);
    let checkpoint = card.log().open(&signed).map_err(merkle(&place))?;
    let mut tree = Frontier::default();
    let mut leaves = Vec::new();
    // One bundle at a time: the broker can sign any size, and only files show that it is true.
    for tile in entry_bundles_at(checkpoint.size) {
        let path = dir.join(tile.to_string());
        let file = read_file(&path, "bundle of log entries", MAX_ENTRIES_FILE_BYTES)?;
        for entry in decode_entry_bundle(&file).map_err(merkle(&path))? {
            let index = leaves.len() as u64;
            leaves.push(Leaf::parse(entry).map_err(|source| LogError::Leaf { index, source })?);
            tree.append(leaf_hash(entry));
        }
    }
    let (expected, found) = (checkpoint.root, tree.root());
    if tree.size() != checkpoint.size || expected != found {
        return Err(LogError::Root {
            size: tree.size(),
            expected,
            found,
        });
    }
    Ok((checkpoint, leaves))
}
