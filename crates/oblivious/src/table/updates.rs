use std::collections::BTreeMap;

use super::Table;
use super::builder::check_at;
use super::run::{MAX_RECORD, NO_TAG, Record, Run};
use crate::error::ObliviousError;
use crate::tags::Name;

/// A change to a table. Changes are public: everybody may know who is registered.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Change<'a> {
    /// Inserts a record, or changes its value.
    Put {
        /// Its key.
        key: &'a [u8],
        /// Its value.
        value: &'a [u8],
    },
    /// Removes a record, if it is there.
    Remove {
        /// Its key.
        key: &'a [u8],
    },
}

/// What changes came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Applied {
    /// Records that were not there before.
    pub inserted: usize,
    /// Records with a new value.
    pub changed: usize,
    /// Records removed.
    pub removed: usize,
}

/// A change whose key has become a tag.
struct Step {
    name: Name,
    /// Whether a record will be there.
    put: bool,
    record: Record,
}

impl Table {
    /// Makes changes, in order. All batches answered afterwards see all of them.
    ///
    /// Values are changed in place, and removed records leave a hole. New records go to a small
    /// sorted run of their own, which is merged when it is full.
    ///
    /// # Errors
    /// If a key or value is not of the table's shape, if the table would be full, or if two keys
    /// have the same tag ([`ObliviousError::Collision`], keys of any length only). Then nothing is
    /// changed.
    pub fn apply(&mut self, changes: &[Change<'_>]) -> Result<Applied, ObliviousError> {
        let mut steps = self.steps(changes)?;
        while steps
            .iter()
            .any(|step| step.put && is_none(self.value(&step.record)))
        {
            self.pad_anew();
            steps = self.steps(changes)?;
        }
        let fresh = self.fresh(&steps)?;
        self.make_room(fresh)?;
        let mut applied = Applied::default();
        let mut staged: BTreeMap<u64, Record> = BTreeMap::new();
        for step in &steps {
            let before = self.replace(step, &mut staged);
            match (before, step.put) {
                (true, true) => applied.changed += 1,
                (true, false) => applied.removed += 1,
                (false, true) => applied.inserted += 1,
                (false, false) => {}
            }
        }
        self.live = self.live + applied.inserted - applied.removed;
        let staged = staged
            .into_values()
            .filter(|record| !is_none(self.value(record)));
        let staged: Vec<Record> = staged.collect();
        let run = if staged.len() <= self.delta.capacity() - self.delta.len() {
            &mut self.delta
        } else {
            &mut self.base
        };
        merge_into(run, staged.len(), |at| staged[at]);
        Ok(applied)
    }

    /// Moves the records that came since the last merge to the others, and closes holes. Batches
    /// do it never; who applies changes may do it when it suits, and it is done when it must.
    pub fn merge(&mut self) {
        let (delta, shape) = (&self.delta, self.shape);
        let words = shape.value_words();
        drop_holes(&mut self.base, words);
        let kept: Vec<usize> = (0..delta.len())
            .filter(|at| !is_none(&delta.record(*at)[1..=words]))
            .collect();
        merge_into(&mut self.base, kept.len(), |at| delta.record(kept[at]));
        self.delta.resize(0);
    }

    fn value<'r>(&self, record: &'r Record) -> &'r [u64] {
        &record[1..=self.shape.value_words()]
    }

    fn steps(&self, changes: &[Change<'_>]) -> Result<Vec<Step>, ObliviousError> {
        let mut names = Vec::with_capacity(changes.len());
        let mut steps = Vec::with_capacity(changes.len());
        for change in changes {
            let mut record = [0; MAX_RECORD];
            let (Change::Put { key, .. } | Change::Remove { key }) = *change;
            let put = if let Change::Put { value, .. } = change {
                let value = self.shape.value(value)?;
                for i in 0..self.shape.value_words() {
                    record[1 + i] = value[i] ^ self.pad[i];
                }
                true
            } else {
                false
            };
            names.push(self.namer.name(key)?);
            steps.push((put, record));
        }
        self.key.tags(&mut names);
        let named = steps
            .into_iter()
            .zip(names)
            .map(|((put, mut record), name)| {
                record[0] = name.word;
                if let Some(at) = check_at(self.shape) {
                    record[at] = name.check;
                }
                Step { name, put, record }
            });
        Ok(named.collect())
    }

    /// How many tags are new; fails if one is another key's or nobody's.
    fn fresh(&self, steps: &[Step]) -> Result<usize, ObliviousError> {
        let mut fresh = BTreeMap::new();
        for Step { name, put, .. } in steps {
            let found = self.find(name.word).map(|(run, at)| run.record(at));
            let known = check_at(self.shape).and_then(|at| found.map(|record| record[at]));
            let other = known.is_some_and(|check| check != name.check);
            let staged = *fresh.entry(name.word).or_insert(name.check);
            if *put && (other || staged != name.check || name.word == NO_TAG) {
                return Err(ObliviousError::Collision);
            }
            if found.is_some() {
                fresh.remove(&name.word);
            }
        }
        Ok(fresh.len())
    }

    fn find(&self, tag: u64) -> Option<(&Run, usize)> {
        [&self.base, &self.delta]
            .into_iter()
            .find_map(|run| run.find(tag).map(|at| (run, at)))
    }

    fn make_room(&mut self, fresh: usize) -> Result<(), ObliviousError> {
        let capacity = self.capacity;
        let fits = |table: &Self| {
            table.delta.len() + fresh <= table.delta.capacity()
                && table.base.len() + table.delta.len() + fresh <= capacity
        };
        if !fits(self) {
            if self.live + fresh > capacity {
                return Err(ObliviousError::Full { capacity });
            }
            self.merge();
        }
        Ok(())
    }

    /// Makes one change; returns whether there was a record before.
    fn replace(&mut self, step: &Step, staged: &mut BTreeMap<u64, Record>) -> bool {
        let words = self.shape.value_words();
        for run in [&mut self.base, &mut self.delta] {
            if let Some(at) = run.find(step.name.word) {
                let record = run.record(at);
                let same = check_at(self.shape).is_none_or(|at| record[at] == step.name.check);
                let before = same && !is_none(&record[1..=words]);
                if step.put || before {
                    run.write(at, &step.record);
                }
                return before;
            }
        }
        let before = if step.put {
            staged.insert(step.name.word, step.record)
        } else {
            staged.remove(&step.name.word)
        };
        before.is_some()
    }

    /// Another pad, for a new value that is zero under this one. A pass over the whole table.
    fn pad_anew(&mut self) {
        let words = self.shape.value_words();
        let mut step: u64 = 1;
        // The first word of a value is zero under the next pad if it is the step now.
        while [&self.base, &self.delta].into_iter().any(|run| {
            (0..run.len()).any(|at| {
                let record = run.record(at);
                record[1] == step && is_none(&record[2..=words])
            })
        }) {
            step += 1;
        }
        self.pad[0] ^= step;
        for run in [&mut self.base, &mut self.delta] {
            for at in 0..run.len() {
                let mut record = run.record(at);
                if !is_none(&record[1..=words]) {
                    record[1] ^= step;
                    run.write(at, &record);
                }
            }
        }
    }
}

/// A value of no words but zeros is no record.
fn is_none(value: &[u64]) -> bool {
    value.iter().all(|word| *word == 0)
}

fn drop_holes(run: &mut Run, words: usize) {
    let mut kept = 0;
    for at in 0..run.len() {
        let record = run.record(at);
        if !is_none(&record[1..=words]) {
            if kept != at {
                run.write(kept, &record);
            }
            kept += 1;
        }
    }
    if kept != run.len() {
        run.resize(kept);
    }
}

/// Merges sorted records into a run that has room for them, from the end, in place.
fn merge_into(run: &mut Run, count: usize, record: impl Fn(usize) -> Record) {
    if count == 0 {
        return;
    }
    let (mut old, mut new) = (run.len(), count);
    while new > 0 {
        let next = record(new - 1);
        if old > 0 && run.tag(old - 1) > next[0] {
            let moved = run.record(old - 1);
            run.write(old + new - 1, &moved);
            old -= 1;
        } else {
            run.write(old + new - 1, &next);
            new -= 1;
        }
    }
    run.resize(run.len() + count);
}
