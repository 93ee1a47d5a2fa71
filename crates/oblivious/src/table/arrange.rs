//! Sorting records by tag. Records are public, so this need not be oblivious.

use std::mem;

use crate::tags::{Name, TagKey};
use crate::workers::{Workers, share};

/// What is done with the tag and the rest of the fingerprint of every row.
#[derive(Clone, Copy)]
pub(crate) struct Renaming<'a> {
    /// The key that rows have tags of, if they have tags and not names.
    pub(crate) from: Option<&'a TagKey>,
    /// The key that they get tags of.
    pub(crate) to: &'a TagKey,
    /// Where the rest of the fingerprint stands in a row, if there is one.
    pub(crate) check_at: Option<usize>,
    /// Exclusive-ored onto the words of the value that are there.
    pub(crate) pad: [u64; 8],
    /// Words of a value.
    pub(crate) value_words: usize,
}

/// Gives rows of `width` words new tags.
pub(crate) fn rename(rows: &mut [u64], width: usize, how: Renaming<'_>, workers: &dyn Workers) {
    let len = rows.len() / width;
    let each = len.div_ceil(workers.count().get()).max(1);
    let pieces: Vec<&mut [u64]> = rows.chunks_mut(each * width).collect();
    share(workers, pieces, |rows| {
        let mut names = [Name { word: 0, check: 0 }; 32];
        for rows in rows.chunks_mut(32 * width) {
            let names = &mut names[..rows.len() / width];
            for (row, name) in rows.chunks_exact(width).zip(names.iter_mut()) {
                name.word = row[0];
                name.check = how.check_at.map_or(0, |at| row[at]);
            }
            if let Some(key) = how.from {
                key.names(names);
            }
            how.to.tags(names);
            for (row, name) in rows.chunks_exact_mut(width).zip(names.iter()) {
                row[0] = name.word;
                if let Some(at) = how.check_at {
                    row[at] = name.check;
                }
                for (word, pad) in row[1..=how.value_words].iter_mut().zip(how.pad) {
                    *word ^= pad;
                }
            }
        }
    });
}

/// Sorts rows of `width` words by their first.
pub(crate) fn sort(rows: &mut [u64], width: usize, workers: &dyn Workers) {
    match width {
        2 => sort_rows::<2>(rows, workers),
        3 => sort_rows::<3>(rows, workers),
        4 => sort_rows::<4>(rows, workers),
        5 => sort_rows::<5>(rows, workers),
        6 => sort_rows::<6>(rows, workers),
        7 => sort_rows::<7>(rows, workers),
        8 => sort_rows::<8>(rows, workers),
        9 => sort_rows::<9>(rows, workers),
        _ => sort_rows::<10>(rows, workers),
    }
}

/// Rows of a bin that fits a fast cache.
const BIN: usize = 2048;

/// One pass of an in-place radix sort into bins, then each bin by comparisons: no second copy.
fn sort_rows<const W: usize>(rows: &mut [u64], workers: &dyn Workers) {
    let (rows, _) = rows.as_chunks_mut::<W>();
    let bits = (rows.len() / BIN).max(1).ilog2().min(16);
    if bits == 0 {
        rows.sort_unstable_by_key(|row| row[0]);
        return;
    }
    let ends = into_bins(rows, bits);
    let mut rest = rows;
    let mut pieces = Vec::new();
    let (count, mut at) = (workers.count().get(), 0);
    for n in 0..count {
        let last = (ends.len() * (n + 1) / count).min(ends.len());
        let bins = &ends[ends.len() * n / count..last];
        let len = bins.last().map_or(0, |end| end - at);
        let (piece, others) = mem::take(&mut rest).split_at_mut(len);
        pieces.push((piece, at, bins));
        rest = others;
        at += len;
    }
    share(workers, pieces, |(rows, first, bins)| {
        let mut start = 0;
        for end in bins {
            rows[start..end - first].sort_unstable_by_key(|row| row[0]);
            start = end - first;
        }
    });
}

/// Brings each row into the bin that the first bits of its first word name (American flag sort).
/// Returns where the bins end.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a bin's number has at most 16 binary digits"
)]
fn into_bins<const W: usize>(rows: &mut [[u64; W]], bits: u32) -> Vec<usize> {
    let bin = |row: &[u64; W]| (row[0] >> (64 - bits)) as usize;
    let mut ends = vec![0_usize; 1 << bits];
    for row in rows.iter() {
        ends[bin(row)] += 1;
    }
    let mut next = vec![0; ends.len()];
    let mut total = 0;
    for (next, end) in next.iter_mut().zip(&mut ends) {
        *next = total;
        total += *end;
        *end = total;
    }
    for home in 0..ends.len() {
        while next[home] < ends[home] {
            let mut row = rows[next[home]];
            loop {
                let target = bin(&row);
                let place = next[target];
                next[target] += 1;
                mem::swap(&mut row, &mut rows[place]);
                if target == home {
                    break;
                }
            }
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workers::Threads;

    #[test]
    fn rows_of_every_width_are_sorted() {
        for width in 2..=10 {
            let len = 20_000;
            let mut rows: Vec<u64> = (0..len * width as u64)
                .map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15))
                .collect();
            let mut sums: Vec<u64> = rows.chunks(width).map(|row| row[0] ^ row[1]).collect();
            let two = Threads(2.try_into().expect("not zero"));
            sort(&mut rows, width, &two);
            assert!(rows.chunks(width).is_sorted_by_key(|row| row[0]));
            let mut sorted: Vec<u64> = rows.chunks(width).map(|row| row[0] ^ row[1]).collect();
            sums.sort_unstable();
            sorted.sort_unstable();
            assert_eq!(sums, sorted);
        }
    }
}
