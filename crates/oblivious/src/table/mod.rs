//! What is looked up in: records sorted by keyed tags, and the few that came since.

mod arrange;
mod builder;
mod run;
mod updates;

use std::fmt;

use crate::error::ObliviousError;
use crate::kernel::KernelSet;
use crate::shape::Shape;
use crate::tags::{Name, Namer, TagKey};

pub use builder::TableBuilder;
pub(crate) use run::{FINE_BITS, MAX_COLUMNS, NO_TAG, Run};
pub use updates::{Applied, Change};

/// A table that batches of queries are looked up in, all in one pass.
///
/// # What leaks
/// Whoever sees every address, instruction and time learns the shape, how many records there are
/// and how many came since the last merge, how many fall into each of 2^18 parts of the tags (which
/// are random to whoever has not the key), every change (its record's place, so which record), and of a
/// batch: its class, how many clients it has, their quotas and how many keys each handed in. Not
/// which keys, whether they are in the table, or whether two are the same.
pub struct Table {
    shape: Shape,
    kernels: KernelSet,
    namer: Namer,
    key: TagKey,
    /// Exclusive-ored onto every value, so that no record's value is zero: zero is no record.
    pad: [u64; 8],
    base: Run,
    /// Records inserted since the last merge.
    delta: Run,
    /// Records that are neither removed nor replaced.
    live: usize,
    capacity: usize,
}

impl Table {
    /// Bytes of memory that a table for `capacity` records takes.
    #[must_use]
    pub const fn memory_bytes(shape: Shape, capacity: usize) -> usize {
        let base = Run::memory_bytes(shape.payload(), capacity);
        base + Run::memory_bytes(shape.payload(), run::delta_capacity(capacity))
    }

    /// Its keys and values.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// How many records there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.live
    }

    /// Whether there is no record.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// How many records there can be.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }

    /// The instructions it uses.
    #[must_use]
    pub const fn kernels(&self) -> KernelSet {
        self.kernels
    }

    /// Records inserted since the last merge. Each pass reads them in addition.
    #[must_use]
    pub const fn unmerged(&self) -> usize {
        self.delta.len()
    }

    pub(crate) const fn base(&self) -> &Run {
        &self.base
    }

    pub(crate) const fn delta(&self) -> &Run {
        &self.delta
    }

    pub(crate) const fn pad(&self) -> &[u64; 8] {
        &self.pad
    }

    pub(crate) fn name(&self, key: &[u8]) -> Result<Name, ObliviousError> {
        self.namer.name(key)
    }

    pub(crate) fn tags(&self, names: &mut [Name]) {
        self.key.tags(names);
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({} of {} records)", self.live, self.capacity)
    }
}
