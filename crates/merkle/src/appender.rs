use std::collections::BTreeMap;

use adyton_types::Sha256Digest;

use crate::{Frontier, MerkleError, NodeId, ReadNodes, inclusion_proof};

/// What appending one entry yields, for the store to keep with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The entry's index.
    pub index: u64,
    /// The nodes that it completes: its own leaf hash, then one a level upwards.
    pub nodes: Vec<Sha256Digest>,
}

/// Grows a tree by a few entries, and proves the inclusion of the new ones from nothing but the
/// old frontier: a log of any length needs no read for that.
#[derive(Debug, Clone)]
pub struct Appender {
    frontier: Frontier,
    nodes: BTreeMap<NodeId, Sha256Digest>,
}

impl Appender {
    /// Starts from the tree as it is.
    #[must_use]
    pub fn new(frontier: Frontier) -> Self {
        let mut nodes = BTreeMap::new();
        let mut rest = frontier.size();
        let mut from = 0u64;
        for peak in frontier.peaks() {
            let level = rest.checked_ilog2().unwrap_or_default();
            let id = NodeId {
                level: u8::try_from(level).unwrap_or(u8::MAX),
                index: from >> level,
            };
            nodes.insert(id, *peak);
            from |= 1 << level;
            rest &= !(1 << level);
        }
        Self { frontier, nodes }
    }

    /// Appends an entry by its leaf hash.
    pub fn append(&mut self, leaf: Sha256Digest) -> Appended {
        let index = self.frontier.size();
        let nodes = self.frontier.append(leaf);
        for (level, node) in (0u8..).zip(&nodes) {
            let id = NodeId {
                level,
                index: index >> level,
            };
            self.nodes.insert(id, *node);
        }
        Appended { index, nodes }
    }

    /// Proves that entry `index`, appended here, is in the tree as it now is.
    ///
    /// # Errors
    /// [`MerkleError::BeyondTree`], or [`MerkleError::MissingNode`] for an entry that was there
    /// before.
    pub fn inclusion_proof(&self, index: u64) -> Result<Vec<Sha256Digest>, MerkleError> {
        inclusion_proof(self, index, self.frontier.size())
    }

    /// The tree as it now is.
    #[must_use]
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }
}

impl ReadNodes for Appender {
    type Error = MerkleError;

    fn node(&self, id: NodeId) -> Result<Sha256Digest, MerkleError> {
        self.nodes
            .get(&id)
            .copied()
            .ok_or(MerkleError::MissingNode {
                level: id.level,
                index: id.index,
            })
    }
}
