use std::path::{Path, PathBuf};

use adyton_merkle::{
    Checkpoint, Frontier, MAX_NOTE_BYTES, MerkleError, decode_entry_bundle, entry_bundles_at,
    leaf_hash,
};
use adyton_protocol::{Card, Leaf, ReceiptPayload, WireError};
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
    /// What somebody was shown is not signed by this log's key.
    #[error("`{what}` does not show this broker's log: {source}")]
    Shown {
        /// Where it stands.
        what: String,
        /// What is wrong.
        source: MerkleError,
    },
    /// Somebody was shown more of the log than there is here.
    #[error(
        "`{what}` shows the log at {shown} entries, and here are {size}: ask the broker's owner for a newer export"
    )]
    Older {
        /// Where it stands.
        what: String,
        /// How many entries were shown.
        shown: u64,
        /// How many there are.
        size: u64,
    },
    /// Somebody was shown another history.
    #[error(
        "`{what}` was shown another history of this log: at {size} entries, the broker signed the root {shown} there and {found} here"
    )]
    Fork {
        /// Where it stands.
        what: String,
        /// How many entries were shown.
        size: u64,
        /// The root that was shown.
        shown: Sha256Digest,
        /// The root of the entries here.
        found: Sha256Digest,
    },
    /// Somebody was shown a decision that is not at its place.
    #[error("the release of `{what}` is not entry {index} of this log")]
    Missing {
        /// Where it stands.
        what: String,
        /// Where it should be.
        index: u64,
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
            Self::Shown { source, .. } => source.class(),
            Self::Older { .. } => ErrorClass::Stale,
            Self::Root { .. } | Self::Fork { .. } | Self::Missing { .. } => ErrorClass::Rejected,
        }
    }
}

/// What a broker has shown somebody of its log. A broker can sign two histories, one for the
/// auditor and one for everybody else; to compare what each was shown is what finds that out.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Where it stands, for messages: a file's name.
    pub what: String,
    /// The signed checkpoint.
    pub checkpoint: String,
    /// Leaves that were shown to be under it, with their indices.
    pub leaves: Vec<(u64, Leaf)>,
}

impl Shown {
    /// What a receipt shows of the log of the broker with that card. The receipt itself is not
    /// verified here.
    ///
    /// # Errors
    /// [`WireError`] if it is no receipt.
    pub fn in_receipt(what: &str, receipt: &[u8], card: &Card) -> Result<Vec<Self>, WireError> {
        let payload = ReceiptPayload::danger_unverified(receipt)?;
        let of_broker = payload
            .releases
            .iter()
            .filter(|release| release.card.id() == card.id());
        let shown = of_broker.map(|release| Self {
            what: what.to_owned(),
            checkpoint: release.checkpoint.clone(),
            leaves: vec![(release.index, release.leaf.clone())],
        });
        Ok(shown.collect())
    }
}

/// A signed statement about the log's first entries.
struct Claim<'a> {
    shown: &'a Shown,
    size: u64,
    root: Sha256Digest,
}

impl<'a> Claim<'a> {
    fn open(shown: &'a Shown, card: &Card) -> Result<Self, LogError> {
        let opened = card.log().open(&shown.checkpoint);
        let checkpoint = opened.map_err(|source| LogError::Shown {
            what: shown.what.clone(),
            source,
        })?;
        Ok(Self {
            shown,
            size: checkpoint.size,
            root: checkpoint.root,
        })
    }

    /// Compares it with the tree at that size.
    fn compare(&self, tree: &Frontier) -> Result<(), LogError> {
        let found = tree.root();
        if found == self.root {
            return Ok(());
        }
        Err(LogError::Fork {
            what: self.shown.what.clone(),
            size: self.size,
            shown: self.root,
            found,
        })
    }

    fn compare_leaves(&self, leaves: &[Leaf]) -> Result<(), LogError> {
        let what = || self.shown.what.clone();
        let size = leaves.len() as u64;
        if self.size > size {
            return Err(LogError::Older {
                what: what(),
                shown: self.size,
                size,
            });
        }
        for (index, leaf) in &self.shown.leaves {
            let at = usize::try_from(*index).ok().and_then(|at| leaves.get(at));
            if at != Some(leaf) {
                return Err(LogError::Missing {
                    what: what(),
                    index: *index,
                });
            }
        }
        Ok(())
    }
}

/// Verifies a log that was exported to `dir` (C2SP `tlog-tiles`) against the log key in a broker's
/// card, which the caller has compared with a pinned id. Every entry is hashed anew, and what was
/// `shown` to others is the beginning of this very log.
///
/// # Errors
/// [`LogError`].
pub fn verify_log(
    dir: &Path,
    card: &Card,
    shown: &[Shown],
) -> Result<(Checkpoint, Vec<Leaf>), LogError> {
    let place = dir.join("checkpoint");
    let signed = read_file(&place, "checkpoint", MAX_NOTE_BYTES as u64)?;
    let merkle = |path: &Path| {
        let path = path.to_owned();
        move |source| LogError::Merkle { path, source }
    };
    let signed = String::from_utf8_lossy(&signed);
    let checkpoint = card.log().open(&signed).map_err(merkle(&place))?;
    let claims = shown.iter().map(|shown| Claim::open(shown, card));
    let claims = claims.collect::<Result<Vec<_>, _>>()?;
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
            let mut now = claims.iter().filter(|claim| claim.size == tree.size());
            now.try_for_each(|claim| claim.compare(&tree))?;
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
    for claim in &claims {
        claim.compare_leaves(&leaves)?;
    }
    Ok((checkpoint, leaves))
}
