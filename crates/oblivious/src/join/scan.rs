//! The pass over the table.

use super::class::{GROUP_BITS, PLACES, STASH};
use crate::kernel::{Cell, Kernel, LANES, Line, Task, prefetch};
use crate::table::{MAX_COLUMNS, Run};

/// What one worker does of a pass: some groups of buckets.
pub(super) struct Scan<'a> {
    /// The table's runs. A tag is in one of them at most.
    pub(super) runs: &'a [&'a Run],
    /// Buckets, as a power of two.
    pub(super) bits: u32,
    /// The first group.
    pub(super) first: usize,
    /// Cells of tags at their places, from the first group on.
    pub(super) buckets: &'a [Line],
    /// One cell for each group.
    pub(super) stashes: &'a [Line],
    /// Columns for what is found for each place.
    pub(super) bucket_found: Vec<&'a mut [Line]>,
    /// Likewise for the stashes.
    pub(super) stash_found: Vec<&'a mut [Line]>,
}

/// Cells of a group's places: two buckets in each.
pub(super) const GROUP_CELLS: usize = (PLACES << GROUP_BITS) / LANES;

/// Lines that are asked for ahead of the pass: some hundred nanoseconds of it.
const AHEAD: usize = 96;

impl Task for &mut Scan<'_> {
    type Out = ();

    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        // No `match`, of which a compiler may make a table of jumps.
        let words = self.bucket_found.len();
        if words == 1 {
            columns::<K, 1>(k, self);
        } else if words == MAX_COLUMNS {
            columns::<K, MAX_COLUMNS>(k, self);
        } else if words <= LANES {
            rows::<K, 1>(k, self);
        } else {
            rows::<K, 2>(k, self);
        }
    }
}

/// Records in blocks of eight: `P` words behind the tag.
#[inline(always)]
fn columns<K: Kernel, const P: usize>(k: K, scan: &mut Scan<'_>) {
    for (group, stash) in K::cells(scan.stashes).iter().enumerate() {
        let stash: [K::V; STASH] = splats(k, stash);
        let mut stashed = [[k.splat(0); STASH]; P];
        for pair in group * GROUP_CELLS..(group + 1) * GROUP_CELLS {
            let [a, b, c, d, e, f, g, h] = splats(k, &K::cells(scan.buckets)[pair]);
            let bucket = (scan.first * GROUP_CELLS + pair) * 2;
            let mut left = [[k.splat(0); PLACES]; P];
            let mut right = [[k.splat(0); PLACES]; P];
            for run in scan.runs {
                let blocks = blocks::<P>(run, scan.bits, bucket);
                compare(k, blocks, ([a, b, c, d], stash), &mut left, &mut stashed);
                let blocks = self::blocks::<P>(run, scan.bits, bucket + 1);
                compare(k, blocks, ([e, f, g, h], stash), &mut right, &mut stashed);
            }
            for p in 0..P {
                let ([a, b, c, d], [e, f, g, h]) = (left[p], right[p]);
                let found = k.fold([a, b, c, d, e, f, g, h]);
                k.write(&mut K::cells_mut(scan.bucket_found[p])[pair], found);
            }
        }
        for (found, stashed) in scan.stash_found.iter_mut().zip(stashed) {
            k.write(&mut K::cells_mut(found)[group], k.fold(stashed));
        }
    }
}

/// Each word of a line in a vector of its own.
#[inline(always)]
fn splats<K: Kernel>(k: K, [a, b, c, d, e, f, g, h]: &Cell<K>) -> [K::V; LANES] {
    let splat = |word| k.splat(k.word(word));
    [
        splat(a),
        splat(b),
        splat(c),
        splat(d),
        splat(e),
        splat(f),
        splat(g),
        splat(h),
    ]
}

/// The blocks that hold a bucket's records; the first and the last may hold others' as well, whose
/// tags are the same as none of this bucket's.
#[inline(always)]
fn blocks<const P: usize>(run: &Run, bits: u32, bucket: usize) -> &[Line] {
    let records = run.bucket(bits, bucket);
    let first = records.start / LANES;
    let end = records.end.div_ceil(LANES).max(first);
    &run.lines()[first * (1 + P)..end * (1 + P)]
}

#[inline(always)]
fn compare<K: Kernel, const P: usize>(
    k: K,
    blocks: &[Line],
    (tags, stash): ([K::V; PLACES], [K::V; STASH]),
    found: &mut [[K::V; PLACES]; P],
    stashed: &mut [[K::V; STASH]; P],
) {
    let (mut here, mut there) = (*found, *stashed);
    for block in blocks.chunks_exact(1 + P) {
        for line in 0..=P {
            prefetch(block, AHEAD + line);
        }
        let tag = k.load(&block[0]);
        let mut words = [tag; P];
        for p in 0..P {
            words[p] = k.load(&block[1 + p]);
        }
        for place in 0..PLACES {
            let same = k.eq(tag, tags[place]);
            for p in 0..P {
                here[p][place] = k.select(same, words[p], here[p][place]);
            }
        }
        for place in 0..STASH {
            let same = k.eq(tag, stash[place]);
            for p in 0..P {
                there[p][place] = k.select(same, words[p], there[p][place]);
            }
        }
    }
    (*found, *stashed) = (here, there);
}

/// Records one after the other, whose payloads take `L` lines at most.
#[inline(always)]
fn rows<K: Kernel, const L: usize>(k: K, scan: &mut Scan<'_>) {
    for (group, stash) in K::cells(scan.stashes).iter().enumerate() {
        let stash: [K::V; STASH] = splats(k, stash);
        let mut stashed = [[k.splat(0); STASH]; L];
        for pair in group * GROUP_CELLS..(group + 1) * GROUP_CELLS {
            let [a, b, c, d, e, f, g, h] = splats(k, &K::cells(scan.buckets)[pair]);
            for (half, tags) in [[a, b, c, d], [e, f, g, h]].into_iter().enumerate() {
                let bucket = (scan.first * GROUP_CELLS + pair) * 2 + half;
                let mut found = [[k.splat(0); PLACES]; L];
                for run in scan.runs {
                    let records = run.bucket(scan.bits, bucket);
                    let width = 1 + run.payload();
                    let words = &run.lines().as_flattened()[records.start * width..];
                    let words = &words[..records.len() * width + L * LANES];
                    compare_rows(k, (words, width), (tags, stash), &mut found, &mut stashed);
                }
                let first = pair * LANES + half * PLACES;
                write_rows(k, &found, first, &mut scan.bucket_found);
            }
        }
        write_rows(k, &stashed, group * STASH, &mut scan.stash_found);
    }
}

#[inline(always)]
fn compare_rows<K: Kernel, const L: usize>(
    k: K,
    (words, width): (&[u64], usize),
    (tags, stash): ([K::V; PLACES], [K::V; STASH]),
    found: &mut [[K::V; PLACES]; L],
    stashed: &mut [[K::V; STASH]; L],
) {
    let (mut here, mut there) = (*found, *stashed);
    let (lines, _) = words.as_chunks();
    let mut at = 0;
    while at + L * LANES < words.len() {
        prefetch(lines, at / LANES + AHEAD);
        let tag = k.splat(words[at]);
        let mut row = [tag; L];
        for l in 0..L {
            let chunk = words[at + 1 + l * LANES..].first_chunk();
            row[l] = k.load(chunk.expect("a run has a line behind its last record"));
        }
        for place in 0..PLACES {
            let same = k.eq(tag, tags[place]);
            for l in 0..L {
                here[l][place] = k.select(same, row[l], here[l][place]);
            }
        }
        for place in 0..STASH {
            let same = k.eq(tag, stash[place]);
            for l in 0..L {
                there[l][place] = k.select(same, row[l], there[l][place]);
            }
        }
        at += width;
    }
    (*found, *stashed) = (here, there);
}

/// From a row for each place to a column for each word.
#[inline(always)]
fn write_rows<K: Kernel, const L: usize, const N: usize>(
    k: K,
    found: &[[K::V; N]; L],
    first: usize,
    columns: &mut [&mut [Line]],
) {
    for (l, rows) in found.iter().enumerate() {
        for (place, row) in rows.iter().enumerate() {
            let mut words = [K::Word::default(); LANES];
            k.write(&mut words, *row);
            for (column, word) in columns.iter_mut().skip(l * LANES).zip(&words) {
                let column = K::cells_mut(column).as_flattened_mut();
                k.set(&mut column[first + place], k.word(word));
            }
        }
    }
}
