use super::Answers;
use super::batch::Batch;
use super::class::GROUP_BITS;
use super::place::Place;
use super::scan::{GROUP_CELLS, Scan};
use super::scratch::Scratch;
use crate::error::ObliviousError;
use crate::kernel::{Cell, Kernel, Line, Task};
use crate::reveal::reveal;
use crate::table::{NO_TAG, Table};
use crate::tags::{AT_ONCE, Name};
use crate::workers::{Workers, share};

impl Table {
    /// Looks all of a batch's queries up, in one pass.
    ///
    /// # Errors
    /// [`ObliviousError::OtherShape`] if the batch is for another shape of table;
    /// [`ObliviousError::Overflow`] with a probability of less than 2^-40, whatever the keys are.
    pub fn answer<'b>(
        &self,
        batch: &'b mut Batch,
        workers: &dyn Workers,
    ) -> Result<Answers<'b>, ObliviousError> {
        if batch.shape != self.shape() {
            return Err(ObliviousError::OtherShape);
        }
        self.prepare(batch);
        let (class, scratch) = (batch.class, &mut batch.scratch);
        let place = Place { scratch, class };
        let all = self.kernels().run_on(&mut batch.stores, place);
        // Public from here on: it is yes but once in 2^40 batches.
        if !reveal(all) {
            return Err(ObliviousError::Overflow);
        }
        self.pass(batch, workers);
        let scratch = &mut batch.scratch;
        self.kernels().run_on(&mut batch.stores, Return { scratch });
        Ok(Answers::new(batch, *self.pad()))
    }

    /// From names to tags. Where no client asks, there is the tag of no record.
    pub(crate) fn prepare(&self, batch: &mut Batch) {
        let none = Name {
            word: NO_TAG,
            check: 0,
        };
        let queries = batch.class.queries();
        for first in (0..queries).step_by(AT_ONCE) {
            let names = &mut [none; AT_ONCE][..AT_ONCE.min(queries - first)];
            let used = batch.used.saturating_sub(first).min(AT_ONCE);
            for (at, name) in (first..).zip(&mut names[..used]) {
                *name = batch.name(at);
            }
            self.tags(&mut names[..used]);
            let tags = Tags {
                keys: &mut batch.scratch.keys,
                checks: &mut batch.checks,
                first,
                names,
            };
            self.kernels().run_on(&mut batch.stores, tags);
        }
    }

    /// Reads the table once, each worker its part.
    pub(crate) fn pass(&self, batch: &mut Batch, workers: &dyn Workers) {
        let class = batch.class;
        let runs = [self.base(), self.delta()];
        let runs = if self.delta().len() == 0 {
            &runs[..1]
        } else {
            &runs
        };
        let each = class.groups().div_ceil(workers.count().get());
        let stores = &batch.stores;
        let [buckets, stashes] = &mut batch.scratch.tiers;
        let bucket_found = pieces(&mut buckets.found, stores.cells(each * GROUP_CELLS));
        let stash_found = pieces(&mut stashes.found, stores.cells(each));
        let parts = bucket_found.into_iter().zip(stash_found).enumerate();
        let parts = parts.map(|(n, (bucket_found, stash_found))| {
            let stashes = &stashes.places[stores.cells(n * each)..];
            let groups = stashes.len().min(stores.cells(each));
            let scan = Scan {
                runs,
                bits: class.bucket_bits(),
                first: n * each,
                buckets: &buckets.places[stores.cells(n * each * GROUP_CELLS)..],
                stashes: &stashes[..groups],
                bucket_found,
                stash_found,
            };
            (scan, stores.share())
        });
        share(workers, parts.collect(), |(mut scan, mut stores)| {
            self.kernels().run_on(&mut stores, &mut scan);
        });
        batch.stores.skip();
        debug_assert!(class.groups() << GROUP_BITS == 1 << class.bucket_bits());
    }
}

/// Every column cut into pieces of so many lines; the first pieces, the second ones, and so on.
fn pieces(columns: &mut [crate::memory::Lines], lines: usize) -> Vec<Vec<&mut [Line]>> {
    let mut pieces = Vec::new();
    for column in columns {
        for (n, piece) in column.chunks_mut(lines).enumerate() {
            if pieces.len() == n {
                pieces.push(Vec::new());
            }
            pieces[n].push(piece);
        }
    }
    pieces
}

/// Brings what was found to the order of the queries.
struct Return<'a> {
    scratch: &'a mut Scratch,
}

impl Task for Return<'_> {
    type Out = ();

    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        let scratch = self.scratch;
        for (word, column) in scratch.found.iter_mut().enumerate() {
            let column = K::cells_mut(column);
            for cell in column.iter_mut() {
                k.write(cell, k.splat(0));
            }
            for tier in &mut scratch.tiers {
                let found = K::cells_mut(&mut tier.found[word]);
                let rows = K::cells_mut(&mut tier.tags);
                tier.spread.pull(k, found);
                // The stashes have fewer places than there are queries.
                for (to, from) in rows.iter_mut().zip(found) {
                    k.write(to, k.read(from));
                }
                tier.gather.push(k, rows);
                let members = K::cells(&tier.member);
                for (to, (found, member)) in column.iter_mut().zip(rows.iter().zip(members)) {
                    let member = k.test(k.read(member), k.splat(1));
                    let v = k.select(member, k.read(found), k.read(to));
                    k.write(to, v);
                }
            }
            repeat(k, column, K::cells(&scratch.same));
            scratch.sorter.undo(k, column);
        }
    }
}

/// Gives equal tags the same answer: the first one's.
#[inline(always)]
fn repeat<K: Kernel>(k: K, column: &mut [Cell<K>], same: &[Cell<K>]) {
    let mut previous = 0;
    let words = column.as_flattened_mut().iter_mut();
    for (word, same) in words.zip(same.as_flattened()) {
        let same = k.word(same);
        previous = (k.word(word) & !same) | (previous & same);
        k.set(word, previous);
    }
}

/// Writes some tags, and the rest of their fingerprints.
struct Tags<'a> {
    keys: &'a mut [Line],
    checks: &'a mut [Line],
    first: usize,
    names: &'a [Name],
}

impl Task for Tags<'_> {
    type Out = ();

    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        let keys = K::cells_mut(self.keys).as_flattened_mut();
        let checks = K::cells_mut(self.checks).as_flattened_mut();
        for (at, name) in (self.first..).zip(self.names) {
            k.set(&mut keys[at], name.word);
            k.set(&mut checks[at], name.check);
        }
    }
}
