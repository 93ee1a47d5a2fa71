use adyton_types::Sha256Digest;

use crate::{MerkleError, empty_root, node_hash};

/// The right edge of a tree: the roots of the perfect subtrees that it consists of, the largest
/// first. It is all that is needed to know the root and to append.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Sha256Digest>,
}

impl Frontier {
    /// The empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: 0,
            peaks: Vec::new(),
        }
    }

    /// From what was stored.
    ///
    /// # Errors
    /// [`MerkleError::Frontier`] unless there is a peak for every 1 bit of the size.
    pub fn from_parts(size: u64, peaks: Vec<Sha256Digest>) -> Result<Self, MerkleError> {
        if u32::try_from(peaks.len()) == Ok(size.count_ones()) {
            Ok(Self { size, peaks })
        } else {
            Err(MerkleError::Frontier {
                size,
                expected: size.count_ones(),
                found: peaks.len(),
            })
        }
    }

    /// How many entries the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of its perfect subtrees, the largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Sha256Digest] {
        &self.peaks
    }

    /// The tree's root.
    #[must_use]
    pub fn root(&self) -> Sha256Digest {
        self.peaks
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(empty_root)
    }

    /// Appends a leaf, and returns the nodes that it completes: the leaf itself at level 0, then
    /// the root of each subtree that ends with it. Node `i` of the result is the node of level
    /// `i` with index `(old size >> i)`.
    pub fn append(&mut self, leaf: Sha256Digest) -> Vec<Sha256Digest> {
        let mut completed = vec![leaf];
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
                completed.push(node);
            }
        }
        self.peaks.push(node);
        self.size = self.size.saturating_add(1);
        completed
    }
}
