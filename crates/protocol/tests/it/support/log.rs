//! RFC 6962 section 2.1 as it is written there, to hold the crate under test against.

use adyton_merkle::{empty_root, leaf_hash, node_hash};
use adyton_protocol::Leaf;
use adyton_types::Sha256Digest;

/// The largest power of two smaller than `n`.
fn split(n: usize) -> usize {
    n.next_power_of_two() / 2
}

/// The root over the leaves.
pub(crate) fn root(leaves: &[Leaf]) -> Sha256Digest {
    match leaves {
        [] => empty_root(),
        [leaf] => leaf_hash(&leaf.encode()),
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// The path that proves the inclusion of leaf `index`.
pub(crate) fn inclusion(leaves: &[Leaf], index: usize) -> Vec<Sha256Digest> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, sibling) = if index < left.len() {
        (inclusion(left, index), root(right))
    } else {
        (inclusion(right, index - left.len()), root(left))
    };
    path.push(sibling);
    path
}
