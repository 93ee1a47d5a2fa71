use std::fmt;

use adyton_crypto::CryptoRng;

use super::Table;
use super::arrange::{Renaming, rename, sort};
use super::run::{MAX_RECORD, NO_TAG, Run, delta_capacity};
use crate::error::ObliviousError;
use crate::kernel::KernelSet;
use crate::shape::Shape;
use crate::tags::{Namer, TagKey};
use crate::workers::Workers;

/// The most records that one table holds: places are counted in 32 bits.
const MAX_RECORDS: usize = (u32::MAX - 8) as usize;

/// Collects records for a [`Table`]. Memory is taken once, at the start.
pub struct TableBuilder {
    table: Table,
    rows: usize,
}

impl TableBuilder {
    /// For at most `capacity` records, those inserted later included.
    ///
    /// # Errors
    /// [`ObliviousError::OutOfMemory`] if [`Table::memory_bytes`] are not to be had,
    /// [`ObliviousError::Full`] if no table can be so large.
    pub fn new(
        shape: Shape,
        capacity: usize,
        kernels: KernelSet,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, ObliviousError> {
        if capacity > MAX_RECORDS {
            return Err(ObliviousError::Full {
                capacity: MAX_RECORDS,
            });
        }
        let table = Table {
            shape,
            kernels,
            namer: Namer::new(shape, rng),
            key: TagKey::new(shape, rng),
            pad: [0; 8],
            base: Run::new(shape.payload(), capacity)?,
            delta: Run::new(shape.payload(), delta_capacity(capacity))?,
            live: 0,
            capacity,
        };
        Ok(Self { table, rows: 0 })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// If the key or the value is not of the table's shape, or the table is full.
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), ObliviousError> {
        let Table {
            shape, capacity, ..
        } = self.table;
        let value = shape.value(value)?;
        let name = self.table.namer.name(key)?;
        if self.rows == capacity {
            return Err(ObliviousError::Full { capacity });
        }
        let width = 1 + shape.payload();
        let rows = self.table.base.rows_mut();
        let row = &mut rows[self.rows * width..(self.rows + 1) * width];
        row[0] = name.word;
        row[1..=shape.value_words()].copy_from_slice(&value[..shape.value_words()]);
        if let Some(at) = check_at(shape) {
            row[at] = name.check;
        }
        self.rows += 1;
        Ok(())
    }

    /// Sorts what was added.
    ///
    /// # Errors
    /// [`ObliviousError::DuplicateKeys`] if a key was added twice.
    pub fn finish(
        mut self,
        rng: &mut impl CryptoRng,
        workers: &dyn Workers,
    ) -> Result<Table, ObliviousError> {
        self.table.live = self.rows;
        let duplicates = arrange(&mut self.table, false, rng, workers);
        if duplicates != 0 {
            return Err(ObliviousError::DuplicateKeys { count: duplicates });
        }
        Ok(self.table)
    }
}

impl fmt::Debug for TableBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TableBuilder({} records)", self.rows)
    }
}

/// Where a row has the rest of its fingerprint.
pub(super) const fn check_at(shape: Shape) -> Option<usize> {
    if shape.is_checked() {
        Some(shape.payload())
    } else {
        None
    }
}

/// What a sorted table turns out to be.
enum Found {
    Good,
    /// Keys that were there before.
    Duplicates(usize),
    /// Unlucky keys: draw others.
    Unlucky,
}

/// Draws keys until no two records have the same tag, none has the tag of none, and no value is
/// zero under the pad; then sorts. The live records are the base's rows, with names or, if `tagged`,
/// with tags already. Returns how many keys are there more than once.
pub(super) fn arrange(
    table: &mut Table,
    mut tagged: bool,
    rng: &mut impl CryptoRng,
    workers: &dyn Workers,
) -> usize {
    let shape = table.shape;
    let width = 1 + shape.payload();
    loop {
        let key = TagKey::new(shape, rng);
        let pad = std::array::from_fn(|_| rng.next_u64());
        let rows = &mut table.base.rows_mut()[..table.live * width];
        let how = Renaming {
            from: tagged.then_some(&table.key),
            to: &key,
            check_at: check_at(shape),
            pad: std::array::from_fn(|i| pad[i] ^ table.pad[i]),
            value_words: shape.value_words(),
        };
        rename(rows, width, how, workers);
        sort(rows, width, workers);
        table.key = key;
        table.pad = pad;
        tagged = true;
        match judge(rows, shape) {
            Found::Unlucky => {}
            Found::Duplicates(count) => return count,
            Found::Good => break,
        }
    }
    table.base.adopt_rows(table.live);
    0
}

fn judge(rows: &[u64], shape: Shape) -> Found {
    let width = 1 + shape.payload();
    let mut duplicates = 0;
    let mut last = [0; MAX_RECORD];
    for (n, row) in rows.chunks_exact(width).enumerate() {
        if row[0] == NO_TAG || row[1..=shape.value_words()].iter().all(|word| *word == 0) {
            return Found::Unlucky;
        }
        if n > 0 && row[0] == last[0] {
            if check_at(shape).is_some_and(|at| row[at] != last[at]) {
                return Found::Unlucky;
            }
            duplicates += 1;
        }
        last[..width].copy_from_slice(row);
    }
    if duplicates == 0 {
        Found::Good
    } else {
        Found::Duplicates(duplicates)
    }
}

impl Table {
    /// Begins an epoch: a new key, under which all tags are new and the table is sorted anew. Takes
    /// about as long as loading it.
    ///
    /// How far from full buckets are is the same whatever the key; a new key is for the case that
    /// the old one, or the order of the table, became known.
    pub fn rotate(&mut self, rng: &mut impl CryptoRng, workers: &dyn Workers) {
        self.merge();
        self.base.release_rows();
        arrange(self, true, rng, workers);
    }
}
