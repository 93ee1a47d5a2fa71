//! The decision log's rows, and how it grows within a transaction.

use adyton_codec::{CodecError, Value};
use adyton_merkle::{Appender, Frontier, NodeId, ReadNodes, leaf_hash};
use adyton_protocol::Leaf;
use adyton_types::Sha256Digest;

use crate::state::{BrokerState, StateError, StateTable};

const HEAD: &[u8] = b"log-head";

/// The log's state: its tree, and from which token time on bindings are remembered.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogHead {
    pub(crate) frontier: Frontier,
    /// Bindings with an older token are refused: the record of what was decided on them is gone.
    pub(crate) seen_from: u64,
}

impl LogHead {
    pub(crate) fn read(state: &dyn BrokerState) -> Result<Self, StateError> {
        let Some(row) = state.read(StateTable::Meta, HEAD)? else {
            return Ok(Self::default());
        };
        let parse = || {
            let mut fields = Value::decode(row.expose())?.into_fields("log head")?;
            let peaks = fields.items("peaks")?.into_iter();
            let peaks = peaks
                .map(|peak| Ok(Sha256Digest::new(peak.into_array("peaks")?)))
                .collect::<Result<_, CodecError>>()?;
            let head = (fields.uint("size")?, peaks, fields.uint("seen-from")?);
            fields.finish()?;
            Ok(head)
        };
        let (size, peaks, seen_from) = parse().map_err(StateError::row(StateTable::Meta))?;
        Ok(Self {
            frontier: Frontier::from_parts(size, peaks)?,
            seen_from,
        })
    }
}

/// Appends entries in one transaction; [`close`](Self::close) writes the new head, once.
#[derive(Debug)]
pub(crate) struct LogWriter {
    pub(crate) tree: Appender,
    pub(crate) seen_from: u64,
}

impl LogWriter {
    pub(crate) fn open(head: LogHead) -> Self {
        Self {
            tree: Appender::new(head.frontier),
            seen_from: head.seen_from,
        }
    }

    /// The index of the leaf that is appended next.
    pub(crate) fn next(&self) -> u64 {
        self.tree.frontier().size()
    }

    /// Appends a leaf, and returns its index.
    pub(crate) fn append(
        &mut self,
        state: &mut dyn BrokerState,
        leaf: &Leaf,
    ) -> Result<u64, StateError> {
        let entry = leaf.encode();
        let appended = self.tree.append(leaf_hash(&entry));
        let nodes = appended.nodes.iter().map(|n| Value::bytes(n.as_bytes()));
        let row = Value::Array(vec![Value::bytes(&entry), Value::Array(nodes.collect())]);
        let key = appended.index.to_be_bytes();
        state.write(StateTable::Log, &key, &row.encode())?;
        Ok(appended.index)
    }

    /// Writes the head.
    pub(crate) fn close(self, state: &mut dyn BrokerState) -> Result<Frontier, StateError> {
        let frontier = self.tree.frontier();
        let peaks = frontier.peaks().iter().map(|p| Value::bytes(p.as_bytes()));
        let row = Value::map([
            ("size", Value::Uint(frontier.size())),
            ("peaks", Value::Array(peaks.collect())),
            ("seen-from", Value::Uint(self.seen_from)),
        ]);
        state.write(StateTable::Meta, HEAD, &row.encode())?;
        Ok(frontier.clone())
    }
}

/// One row of the log.
pub(crate) struct LogRow {
    pub(crate) entry: Vec<u8>,
    nodes: Vec<Sha256Digest>,
}

impl LogRow {
    pub(crate) fn read(state: &dyn BrokerState, index: u64) -> Result<Option<Self>, StateError> {
        let row = state.read(StateTable::Log, &index.to_be_bytes())?;
        row.map(|row| Self::decode(row.expose())).transpose()
    }

    pub(crate) fn decode(row: &[u8]) -> Result<Self, StateError> {
        let parse = || {
            let wrong = CodecError::WrongKind {
                field: "log",
                expected: "an entry and its nodes",
            };
            let Value::Array(items) = Value::decode(row)? else {
                return Err(wrong);
            };
            let [entry, Value::Array(nodes)]: [Value<'_>; 2] =
                items.try_into().map_err(|_| wrong.clone())?
            else {
                return Err(wrong);
            };
            Ok(Self {
                entry: entry.into_bytes("entry")?.into_owned(),
                nodes: nodes
                    .into_iter()
                    .map(|node| Ok(Sha256Digest::new(node.into_array("nodes")?)))
                    .collect::<Result<_, CodecError>>()?,
            })
        };
        parse().map_err(StateError::row(StateTable::Log))
    }
}

/// The tree's nodes, each of which stands with the entry that completed it.
pub(crate) struct LogNodes<'a>(pub(crate) &'a dyn BrokerState);

impl ReadNodes for LogNodes<'_> {
    type Error = StateError;

    fn node(&self, id: NodeId) -> Result<Sha256Digest, StateError> {
        let row = LogRow::read(self.0, id.completed_by())?;
        row.and_then(|row| row.nodes.get(usize::from(id.level)).copied())
            .ok_or(StateError::Row {
                table: StateTable::Log.name(),
            })
    }
}
