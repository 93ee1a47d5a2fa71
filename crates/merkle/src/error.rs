use adyton_types::ErrorClass;
use thiserror::Error;

/// Why a proof, a checkpoint or a file of a log is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MerkleError {
    /// A proof does not lead to the root.
    #[error("the proof does not lead to the log's root")]
    Proof,
    /// An index or size lies beyond the tree.
    #[error("entry or size {wanted} lies beyond the tree's size {size}")]
    BeyondTree {
        /// What was asked for.
        wanted: u64,
        /// The size of the tree.
        size: u64,
    },
    /// A frontier does not have the number of hashes that its size demands.
    #[error("a tree of size {size} has a frontier of {expected} hashes, not {found}")]
    Frontier {
        /// The size of the tree.
        size: u64,
        /// Hashes that it must have.
        expected: u32,
        /// Hashes found.
        found: usize,
    },
    /// A node that should be stored is not.
    #[error("node {index} of level {level} is not stored")]
    MissingNode {
        /// Its level; leaves are at 0.
        level: u8,
        /// Its index in the level.
        index: u64,
    },
    /// A text is no origin.
    #[error("an origin is 1 to 255 bytes without spaces, control characters and `+`")]
    Origin,
    /// A text is no signed note.
    #[error("not a signed note: {why}")]
    NoteFormat {
        /// The rule that it breaks.
        why: &'static str,
    },
    /// A note carries no signature of the wanted key.
    #[error("the note carries no signature of the expected key")]
    NoteUnsigned,
    /// A note's signature does not verify.
    #[error("the note's signature does not verify")]
    NoteSignature,
    /// A text is no verifier key.
    #[error("not a verifier key of the form name+id+base64 for Ed25519")]
    VerifierKey,
    /// A note's text is no checkpoint.
    #[error("not a checkpoint: {why}")]
    CheckpointFormat {
        /// The rule that it breaks.
        why: &'static str,
    },
    /// A path names no tile.
    #[error("the path names no tile of a log")]
    TilePath,
    /// A bundle of entries is malformed.
    #[error("the bundle of entries ends inside an entry or holds more than 256")]
    Bundle,
    /// An entry is too long for the format.
    #[error("the entry is {found} bytes long; the format's limit is 65535")]
    EntryTooLong {
        /// Its length.
        found: usize,
    },
}

impl MerkleError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(self) -> ErrorClass {
        match self {
            Self::Proof | Self::NoteUnsigned | Self::NoteSignature => ErrorClass::Rejected,
            Self::BeyondTree { .. } | Self::EntryTooLong { .. } => ErrorClass::Misuse,
            Self::MissingNode { .. } => ErrorClass::Unavailable,
            Self::Frontier { .. }
            | Self::Origin
            | Self::NoteFormat { .. }
            | Self::VerifierKey
            | Self::CheckpointFormat { .. }
            | Self::TilePath
            | Self::Bundle => ErrorClass::Malformed,
        }
    }
}
