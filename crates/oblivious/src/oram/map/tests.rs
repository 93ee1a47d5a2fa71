//! What stays as it was in memory whose ciphertexts are read.

use std::collections::HashSet;

use adyton_crypto::os_rng;

use super::OramMap;
use crate::kernel::{KernelKind, KernelSet, LANES, Line};
use crate::oram::tree::{BUCKET, Tree};
use crate::shape::{KeyKind, Shape};

/// Sixteen bytes, which are encrypted together.
type Block = [u64; 2];

fn blocks(lines: &[Line]) -> Vec<Block> {
    lines.as_flattened().as_chunks().0.to_vec()
}

/// Memory of a tree: heads and blocks of buckets, the stash.
fn memory<const D: usize>(tree: &Tree<D>) -> [Vec<Block>; 5] {
    let stash = &tree.stash;
    [
        blocks(&tree.heads),
        blocks(&tree.blocks),
        blocks(&stash.names),
        blocks(&stash.leaves),
        blocks(&stash.blocks),
    ]
}

/// Where blocks changed, and where they had to: the buckets of both tidied paths, and the stash's
/// leaves.
fn changes(map: &mut OramMap, key: u64, words: usize) -> ([Vec<Block>; 5], usize, usize) {
    let records = &map.state.records;
    let before = memory(records);
    let paths = [records.tidy_path(0), records.tidy_path(1)];
    map.get(&key.to_le_bytes()).expect("a key");
    let records = &map.state.records;
    let after = memory(records);
    let mut written = HashSet::new();
    for path in paths {
        for level in 0..=records.depth {
            let bucket = records.bucket(level, path);
            // Blocks of a cell: four where words lie as they are, eight beside numbers.
            let each = LANES * words / 2;
            let heads = bucket * each / 2..(bucket + 1) * each / 2;
            let rows = bucket * BUCKET * each..(bucket + 1) * BUCKET * each;
            written.extend(heads.map(|at| (0, at)));
            written.extend(rows.map(|at| (1, at)));
        }
    }
    for column in [2, 3, 4] {
        written.extend((0..after[column].len()).map(|at| (column, at)));
    }
    let differs = |(column, at): &(usize, usize)| before[*column][*at] != after[*column][*at];
    let changed = written.iter().filter(|place| differs(place)).count();
    (after, changed, written.len())
}

fn map(set: KernelSet, fresh: bool) -> OramMap {
    let shape = Shape::new(KeyKind::Fixed(8), 64).expect("a shape");
    let make = if fresh {
        OramMap::with_fresh_stores
    } else {
        OramMap::new
    };
    let mut map = make(shape, 64, set, &mut os_rng()).expect("memory");
    for key in 0..40_u64 {
        map.put(&key.to_le_bytes(), &[1; 64]).expect("room");
    }
    map
}

#[test]
fn with_fresh_stores_nothing_that_is_written_stays_or_comes_again() {
    for set in KernelKind::ALL.into_iter().filter_map(KernelSet::of) {
        let mut map = map(set, true);
        let mut seen: HashSet<(usize, usize, Block)> = HashSet::new();
        let mut last = memory(&map.state.records);
        for key in [3, 3, 3, 77, 5, 3, 77, 3] {
            let (now, changed, written) = changes(&mut map, key, 2);
            assert_eq!(changed, written);
            for (column, (last, now)) in last.iter().zip(&now).enumerate() {
                for (at, (last, now)) in last.iter().zip(now).enumerate() {
                    if last != now {
                        assert!(seen.insert((column, at, *now)), "a block came again");
                    }
                }
            }
            last = now;
        }
    }
}

#[test]
fn with_plain_stores_much_that_is_written_stays() {
    let mut map = map(KernelSet::best(), false);
    let (_, changed, written) = changes(&mut map, 3, 1);
    assert!(changed < written / 2, "{changed} of {written} changed");
}
