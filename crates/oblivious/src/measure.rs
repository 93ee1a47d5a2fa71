//! For the project's own checks and benchmarks: parts of a look-up, what they are compared with,
//! and what only a test may see.

use crate::error::ObliviousError;
use crate::join::{Batch, BatchClass};
use crate::kernel::{Kernel, Line, Task, prefetch};
use crate::oram::OramMap;
use crate::table::Table;
use crate::workers::{Workers, share};

/// A batch so small that its every instruction can be looked at.
pub const TINY: BatchClass = BatchClass::TINY;

/// The tag of a key.
///
/// # Errors
/// If it is not of the table's shape.
pub fn tag(table: &Table, key: &[u8]) -> Result<u64, ObliviousError> {
    let mut name = [table.name(key)?];
    table.tags(&mut name);
    Ok(name[0].word)
}

/// The leaves that a map's last access revealed.
#[must_use]
pub fn revealed(map: &OramMap) -> Vec<u64> {
    map.revealed()
}

/// Blocks in each of a map's stashes: of the records, of the index, of the positions.
pub fn in_stashes(map: &OramMap) -> impl Iterator<Item = usize> {
    map.in_stashes()
}

/// Leaves that each of a map's trees has, as a power of two, in the same order.
#[must_use]
pub fn depths(map: &OramMap) -> Vec<u32> {
    map.tree_depths()
}

/// The pass alone, over a batch that was answered before.
pub fn pass(table: &Table, batch: &mut Batch, workers: &dyn Workers) {
    table.pass(batch, workers);
}

/// Reads the memory that a pass reads, and does nothing with it: no pass can be faster.
pub fn read(table: &Table, workers: &dyn Workers) {
    let run = table.base();
    let lines = run.lines();
    let each = lines.len().div_ceil(workers.count().get());
    share(workers, lines.chunks(each).collect(), |lines| {
        table.kernels().run(Read { lines });
    });
}

struct Read<'a> {
    lines: &'a [Line],
}

impl Task for Read<'_> {
    type Out = u8;

    #[inline(always)]
    fn run<K: Kernel>(self, k: K) -> u8 {
        let mut sums = [k.splat(0); 8];
        // Asking ahead, which helps the pass, only slows this down: the processor sees the stream.
        for block in self.lines.chunks_exact(8) {
            for (sum, line) in sums.iter_mut().zip(block) {
                *sum = k.or(*sum, k.load(line));
            }
        }
        k.bits(k.test(k.fold(sums), k.splat(1)))
    }
}

/// One look-up by comparing with every record: what a join is compared with.
pub fn scan_all(table: &Table, tag: u64) -> u64 {
    let run = table.base();
    let task = ScanAll {
        lines: run.lines(),
        width: 1 + run.payload(),
        tag,
    };
    table.kernels().run(task)
}

struct ScanAll<'a> {
    lines: &'a [Line],
    width: usize,
    tag: u64,
}

impl Task for ScanAll<'_> {
    type Out = u64;

    #[inline(always)]
    fn run<K: Kernel>(self, k: K) -> u64 {
        let tag = k.splat(self.tag);
        let mut found = [k.splat(0); 8];
        let mut start = 0;
        while start + self.width <= self.lines.len() {
            let block = &self.lines[start..start + self.width];
            start += self.width;
            prefetch(block, 48);
            let same = k.eq(k.load(&block[0]), tag);
            for (found, words) in found.iter_mut().zip(&block[1..]) {
                *found = k.select(same, k.load(words), *found);
            }
        }
        let mut line = [0; 8];
        k.store(&mut line, k.fold(found));
        line[0]
    }
}
