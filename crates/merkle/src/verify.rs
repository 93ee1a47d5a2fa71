use adyton_types::Sha256Digest;

use crate::{MerkleError, empty_root, node_hash};

/// The most hashes that a proof can have: a tree of `u64` size is 64 high, and a consistency proof
/// has one more.
pub const MAX_PROOF_HASHES: usize = 65;

/// Verifies that an entry with this leaf hash is entry `index` of the tree with that `size` and
/// `root` (RFC 9162 section 2.1.3.2).
///
/// # Errors
/// [`MerkleError::Proof`].
pub fn verify_inclusion(
    leaf: &Sha256Digest,
    index: u64,
    size: u64,
    path: &[Sha256Digest],
    root: &Sha256Digest,
) -> Result<(), MerkleError> {
    if index >= size || path.len() > MAX_PROOF_HASHES {
        return Err(MerkleError::Proof);
    }
    let mut walk = Walk::new(index, size);
    let mut hash = *leaf;
    for sibling in path {
        hash = match walk.up()? {
            Side::Left => node_hash(sibling, &hash),
            Side::Right => node_hash(&hash, sibling),
        };
    }
    proven(walk.at_root() && hash == *root)
}

/// Verifies that the tree with `new_size` and `new_root` begins with the entries of the tree with
/// `old_size` and `old_root` (RFC 9162 section 2.1.4.2). Every tree begins with the empty one.
///
/// # Errors
/// [`MerkleError::Proof`].
pub fn verify_consistency(
    old_size: u64,
    old_root: &Sha256Digest,
    new_size: u64,
    new_root: &Sha256Digest,
    path: &[Sha256Digest],
) -> Result<(), MerkleError> {
    if old_size > new_size || path.len() > MAX_PROOF_HASHES {
        return Err(MerkleError::Proof);
    }
    if old_size == new_size {
        return proven(path.is_empty() && old_root == new_root);
    }
    if old_size == 0 {
        return proven(path.is_empty() && *old_root == empty_root());
    }
    let (first, rest) = if old_size.is_power_of_two() {
        (old_root, path)
    } else {
        path.split_first().ok_or(MerkleError::Proof)?
    };
    let mut walk = Walk::new(old_size.saturating_sub(1), new_size);
    walk.skip_right_edges();
    let (mut old, mut new) = (*first, *first);
    for hash in rest {
        match walk.up()? {
            Side::Left => {
                old = node_hash(hash, &old);
                new = node_hash(hash, &new);
            }
            Side::Right => new = node_hash(&new, hash),
        }
    }
    proven(walk.at_root() && old == *old_root && new == *new_root)
}

fn proven(holds: bool) -> Result<(), MerkleError> {
    if holds {
        Ok(())
    } else {
        Err(MerkleError::Proof)
    }
}

enum Side {
    Left,
    Right,
}

/// The counters `fn` and `sn` of RFC 9162: the index of the node on the way up, and of the last
/// node of its level.
struct Walk {
    node: u64,
    last: u64,
}

impl Walk {
    const fn new(node: u64, size: u64) -> Self {
        Self {
            node,
            last: size.saturating_sub(1),
        }
    }

    const fn shift(&mut self) {
        self.node >>= 1;
        self.last >>= 1;
    }

    const fn skip_right_edges(&mut self) {
        while self.node & 1 == 1 {
            self.shift();
        }
    }

    /// One step up; says on which side the sibling stands.
    fn up(&mut self) -> Result<Side, MerkleError> {
        if self.last == 0 {
            return Err(MerkleError::Proof);
        }
        let side = if self.node & 1 == 1 || self.node == self.last {
            while self.node & 1 == 0 && self.node != 0 {
                self.shift();
            }
            Side::Left
        } else {
            Side::Right
        };
        self.shift();
        Ok(side)
    }

    const fn at_root(&self) -> bool {
        self.last == 0
    }
}
