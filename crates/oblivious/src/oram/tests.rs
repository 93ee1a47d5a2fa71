//! What an access reveals is random, and the stash stays small.

use adyton_crypto::os_rng;

use super::OramMap;
use crate::kernel::KernelSet;
use crate::shape::{KeyKind, Shape};

const CAPACITY: u64 = 1 << 10;
const BINS: usize = 16;

/// Leaves of the record and of its index block that accesses of these keys reveal.
fn revealed(keys: impl Iterator<Item = u64>) -> Vec<[usize; 2]> {
    let shape = Shape::new(KeyKind::Fixed(8), 8).expect("a shape");
    let capacity = usize::try_from(CAPACITY).expect("small");
    let mut map = OramMap::new(shape, capacity, KernelSet::best(), &mut os_rng()).expect("memory");
    for key in 0..CAPACITY {
        map.put(&key.to_le_bytes(), &[1; 8]).expect("room");
    }
    let mut leaves = Vec::new();
    for key in keys {
        map.get(&key.to_le_bytes()).expect("a key");
        let seen = map.revealed();
        let small = |word: u64| usize::try_from(word).expect("a leaf is small");
        leaves.push([small(seen[0] >> 6), small(seen[1] >> 4)]);
    }
    leaves
}

/// How far counts are from all equal: about as large as there are bins, if chance made them.
fn chi_square(counts: &[u64]) -> f64 {
    let total: u64 = counts.iter().sum();
    let each = total as f64 / counts.len() as f64;
    let squares = counts.iter().map(|count| (*count as f64 - each).powi(2));
    squares.sum::<f64>() / each
}

/// Keys that a test asks for: one again and again, all in turn, two alternating, none that is there.
fn workloads(len: u64) -> [Box<dyn Iterator<Item = u64>>; 4] {
    [
        Box::new((0..len).map(|_| 7)),
        Box::new((0..len).map(|i| i % CAPACITY)),
        Box::new((0..len).map(|i| i % 2)),
        Box::new((0..len).map(|i| CAPACITY + i)),
    ]
}

#[test]
fn leaves_are_uniform_and_say_nothing_of_each_other() {
    for keys in workloads(40_000) {
        let leaves = revealed(keys);
        let mut single = [[0; BINS]; 2];
        let mut pairs = vec![0; 4 * BINS * BINS];
        for (i, [record, index]) in leaves.iter().copied().enumerate() {
            single[0][record] += 1;
            single[1][index] += 1;
            pairs[record * BINS + index] += 1;
            // With the access before, and the one before that.
            for back in [1, 2] {
                if i >= back {
                    let before = leaves[i - back][0];
                    pairs[(back * BINS + record) * BINS + before] += 1;
                }
            }
            if i >= 1 {
                let before = leaves[i - 1][1];
                pairs[(3 * BINS + index) * BINS + before] += 1;
            }
        }
        // Chance exceeds these once in some 10^9 runs: 15 and 255 degrees of freedom.
        for counts in &single {
            assert!(chi_square(counts) < 75.0, "{counts:?}");
        }
        for counts in pairs.chunks(BINS * BINS) {
            assert!(chi_square(counts) < 415.0);
        }
    }
}

#[test]
fn stashes_stay_small() {
    let shape = Shape::new(KeyKind::Fixed(8), 0).expect("a shape");
    let mut map = OramMap::new(shape, 4096, KernelSet::best(), &mut os_rng()).expect("memory");
    let mut most = 0;
    for i in 0..60_000_u64 {
        map.put(&(i % 4096).to_le_bytes(), &[]).expect("room");
        most = map.in_stashes().fold(most, usize::max);
    }
    assert!(most <= 16, "{most} of 32 places were used");
}
