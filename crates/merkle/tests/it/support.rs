use std::collections::HashMap;

use adyton_merkle::{Frontier, MerkleError, NodeId, ReadNodes, leaf_hash};
use adyton_types::Sha256Digest;

/// A log in memory, which keeps the nodes with the entry that completed them.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) frontier: Frontier,
    rows: HashMap<u64, Vec<Sha256Digest>>,
}

impl Log {
    pub(crate) fn of(size: u64) -> Self {
        let mut log = Self::default();
        (0..size).for_each(|i| log.push(&entry(i)));
        log
    }

    pub(crate) fn push(&mut self, entry: &[u8]) {
        let index = self.frontier.size();
        let nodes = self.frontier.append(leaf_hash(entry));
        self.rows.insert(index, nodes);
    }
}

impl ReadNodes for Log {
    type Error = MerkleError;

    fn node(&self, id: NodeId) -> Result<Sha256Digest, MerkleError> {
        self.rows
            .get(&id.completed_by())
            .and_then(|nodes| nodes.get(usize::from(id.level)).copied())
            .ok_or(MerkleError::MissingNode {
                level: id.level,
                index: id.index,
            })
    }
}

pub(crate) fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}
