use super::Answers;
use super::batch::Batch;
use super::class::GROUP_BITS;
use super::place::Place;
use super::scan::{GROUP_LINES, Scan};
use super::scratch::Scratch;
use crate::error::ObliviousError;
use crate::kernel::{Kernel, LANES, Line, Task};
use crate::reveal::reveal;
use crate::table::Table;
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
        let all = self.kernels().run(Place { scratch, class });
        // Public from here on: it is yes but once in 2^40 batches.
        if !reveal(all) {
            return Err(ObliviousError::Overflow);
        }
        self.pass(batch, workers);
        let scratch = &mut batch.scratch;
        self.kernels().run(Return { scratch });
        Ok(Answers::new(batch, *self.pad()))
    }

    /// From names to tags.
    pub(crate) fn prepare(&self, batch: &mut Batch) {
        batch.tags.copy_from_slice(&batch.names);
        self.tags(&mut batch.tags[..batch.used]);
        let keys = batch.scratch.keys.words_mut();
        for (key, tag) in keys.iter_mut().zip(&batch.tags) {
            *key = tag.word;
        }
        keys[batch.used..].fill(crate::table::NO_TAG);
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
        let [buckets, stashes] = &mut batch.scratch.tiers;
        let bucket_found = pieces(&mut buckets.found, each * GROUP_LINES);
        let stash_found = pieces(&mut stashes.found, each);
        let parts = bucket_found.into_iter().zip(stash_found).enumerate();
        let parts = parts.map(|(n, (bucket_found, stash_found))| {
            let stashes = &stashes.places[n * each..];
            let groups = stashes.len().min(each);
            Scan {
                runs,
                bits: class.bucket_bits(),
                first: n * each,
                buckets: &buckets.places[n * each * GROUP_LINES..],
                stashes: &stashes[..groups],
                bucket_found,
                stash_found,
            }
        });
        share(workers, parts.collect(), |mut scan| {
            self.kernels().run(&mut scan);
        });
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
            for line in column.iter_mut() {
                k.store(line, k.splat(0));
            }
            for tier in &mut scratch.tiers {
                let found = &mut tier.found[word];
                tier.spread.pull(k, found);
                // The stashes have fewer places than there are queries.
                let width = found.len().min(tier.tags.len());
                for (to, from) in tier.tags[..width].iter_mut().zip(&found[..width]) {
                    let from = k.load(from);
                    k.store(to, from);
                }
                tier.gather.push(k, &mut tier.tags);
                let rows = column
                    .iter_mut()
                    .zip(tier.tags.iter().zip(tier.member.iter()));
                for (to, (found, member)) in rows {
                    let member = k.test(k.load(member), k.splat(1));
                    let v = k.select(member, k.load(found), k.load(to));
                    k.store(to, v);
                }
            }
            repeat(column, &scratch.same);
            scratch.sorter.undo(k, column);
        }
    }
}

/// Gives equal tags the same answer: the first one's.
#[inline(always)]
fn repeat(column: &mut [Line], same: &[Line]) {
    let mut previous = 0;
    let words = column.as_flattened_mut().iter_mut();
    for (word, same) in words.zip(same.as_flattened()) {
        previous = (*word & !same) | (previous & same);
        *word = previous;
    }
    debug_assert!(column.len() * LANES == same.len() * LANES);
}
