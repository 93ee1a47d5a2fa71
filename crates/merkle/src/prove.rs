use adyton_types::Sha256Digest;

use crate::{MerkleError, empty_root, node_hash};

/// Where a node of the tree stands: the root of the perfect subtree over the entries
/// `index << level .. (index + 1) << level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// Height above the leaves, which are at 0.
    pub level: u8,
    /// Index among the nodes of the level, from the left.
    pub index: u64,
}

impl NodeId {
    /// The entry whose appending completed this node. A store that keeps, with every entry, the
    /// nodes that [`Frontier::append`](crate::Frontier::append) returned for it, finds node
    /// `(level, index)` with entry `completed_by()` at position `level`.
    #[must_use]
    pub const fn completed_by(self) -> u64 {
        // Saturates, so that an index far beyond any tree names no other node.
        match 1u64.checked_shl(self.level as u32) {
            Some(width) => self
                .index
                .saturating_add(1)
                .saturating_mul(width)
                .saturating_sub(1),
            None => u64::MAX,
        }
    }
}

/// A store of the nodes of a tree, from which proofs are made.
pub trait ReadNodes {
    /// Why a node cannot be read.
    type Error: From<MerkleError>;

    /// The node's hash. Only nodes over entries that are in the tree are asked for.
    ///
    /// # Errors
    /// [`MerkleError::MissingNode`] or the store's own.
    fn node(&self, id: NodeId) -> Result<Sha256Digest, Self::Error>;
}

/// Root of the tree's first `size` entries.
///
/// # Errors
/// Those of the store.
pub fn root_at<N: ReadNodes>(nodes: &N, size: u64) -> Result<Sha256Digest, N::Error> {
    if size == 0 {
        Ok(empty_root())
    } else {
        range_root(nodes, 0, size)
    }
}

/// Proves that entry `index` is in the tree of the first `size` entries: PATH of RFC 6962 section
/// 2.1.1, the sibling of the leaf first.
///
/// # Errors
/// [`MerkleError::BeyondTree`] unless `index < size`, and those of the store.
pub fn inclusion_proof<N: ReadNodes>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Sha256Digest>, N::Error> {
    if index >= size {
        return Err(beyond(index, size).into());
    }
    let mut path = Vec::new();
    let (mut from, mut to) = (0, size);
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            path.push(range_root(nodes, middle, to)?);
            to = middle;
        } else {
            path.push(range_root(nodes, from, middle)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Proves that the tree of the first `new` entries begins with the tree of the first `old`:
/// PROOF of RFC 6962 section 2.1.2. Empty for `old == 0` and for `old == new`.
///
/// # Errors
/// [`MerkleError::BeyondTree`] unless `old <= new`, and those of the store.
pub fn consistency_proof<N: ReadNodes>(
    nodes: &N,
    old: u64,
    new: u64,
) -> Result<Vec<Sha256Digest>, N::Error> {
    if old > new {
        return Err(beyond(old, new).into());
    }
    let mut path = Vec::new();
    if old == 0 || old == new {
        return Ok(path);
    }
    let (mut from, mut to) = (0, new);
    while to != old {
        let middle = from + split(to - from);
        if old <= middle {
            path.push(range_root(nodes, middle, to)?);
            to = middle;
        } else {
            path.push(range_root(nodes, from, middle)?);
            from = middle;
        }
    }
    // The verifier knows the old root itself, so a subtree that is all of the old tree is left out.
    if from != 0 {
        path.push(range_root(nodes, from, to)?);
    }
    path.reverse();
    Ok(path)
}

const fn beyond(wanted: u64, size: u64) -> MerkleError {
    MerkleError::BeyondTree { wanted, size }
}

/// The largest power of two that is smaller than `n`, for `n >= 2`.
const fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// Root over the entries `from .. to`, where `from` is a multiple of the smallest power of two
/// that is not below the length: every range that the recursions above meet.
fn range_root<N: ReadNodes>(nodes: &N, from: u64, to: u64) -> Result<Sha256Digest, N::Error> {
    let length = to - from;
    if length.is_power_of_two() {
        let level = length.ilog2();
        let index = from >> level;
        return nodes.node(NodeId {
            level: u8::try_from(level).unwrap_or(u8::MAX),
            index,
        });
    }
    let middle = from + split(length);
    let left = range_root(nodes, from, middle)?;
    let right = range_root(nodes, middle, to)?;
    Ok(node_hash(&left, &right))
}
