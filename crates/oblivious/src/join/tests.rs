//! What stays as it was in memory whose ciphertexts are read.

use std::collections::HashSet;

use adyton_crypto::os_rng;

use super::{Batch, BatchClass};
use crate::kernel::{KernelKind, KernelSet, Line};
use crate::shape::{KeyKind, Shape};
use crate::table::{Table, TableBuilder};
use crate::workers::Threads;

/// Sixteen bytes, which are encrypted together.
type Block = [u64; 2];

fn table(set: KernelSet, value_bytes: usize) -> Table {
    let shape = Shape::new(KeyKind::Fixed(8), value_bytes).expect("a shape");
    let mut builder = TableBuilder::new(shape, 500, set, &mut os_rng()).expect("memory");
    for key in 0..500_u64 {
        let value = vec![7; value_bytes];
        builder.push(&key.to_le_bytes(), &value).expect("room");
    }
    let two = Threads(2.try_into().expect("not zero"));
    builder.finish(&mut os_rng(), &two).expect("no duplicates")
}

/// All that a batch keeps, but for the table's own.
fn memory(batch: &Batch) -> Vec<Vec<Block>> {
    let scratch = &batch.scratch;
    let mut all: Vec<&[Line]> = vec![&scratch.keys, &scratch.same, &batch.checks];
    all.push(scratch.sorter.tape());
    all.extend(batch.names.iter().map(|column| &column[..]));
    all.extend(scratch.found.iter().map(|column| &column[..]));
    for tier in &scratch.tiers {
        let columns = [&tier.member, &tier.places, &tier.distances];
        all.extend(columns.map(|column| &column[..]));
        all.extend([&tier.tags[..], &tier.steps[..]]);
        all.extend([tier.gather.tape(), tier.spread.tape()]);
        all.extend(tier.found.iter().map(|column| &column[..]));
    }
    let blocks = |lines: &&[Line]| lines.as_flattened().as_chunks().0.to_vec();
    all.iter().map(blocks).collect()
}

/// Asks for the same keys three times, from the same client. Blocks of memory after the first
/// time, and how many of them are later what they have been before.
fn repeats(set: KernelSet, value_bytes: usize, batch: &mut Batch) -> (usize, usize) {
    let table = table(set, value_bytes);
    let keys: Vec<[u8; 8]> = (0..256_u64).map(|n| (n * 4 % 999).to_le_bytes()).collect();
    let two = Threads(2.try_into().expect("not zero"));
    let (mut seen, mut used, mut again) = (HashSet::new(), HashSet::new(), 0);
    for round in 0..3 {
        batch.clear();
        let slices = keys.iter().map(<[u8; 8]>::as_slice);
        batch.add_client(&table, 256, slices).expect("room");
        table.answer(batch, &two).expect("no overflow");
        for (column, blocks) in memory(batch).into_iter().enumerate() {
            for (at, block) in blocks.into_iter().enumerate() {
                // Parts of tapes are never used, whatever is asked.
                if round == 0 && block != [0; 2] {
                    used.insert((column, at));
                }
                let is_new = seen.insert((column, at, block));
                again += usize::from(used.contains(&(column, at)) && !is_new);
            }
        }
    }
    (used.len(), again)
}

#[test]
fn with_fresh_stores_nothing_stays_or_comes_again() {
    for set in KernelKind::ALL.into_iter().filter_map(KernelSet::of) {
        for value_bytes in [0, 16, 56] {
            let shape = Shape::new(KeyKind::Fixed(8), value_bytes).expect("a shape");
            let batch = Batch::with_fresh_stores(shape, BatchClass::MIN, &mut os_rng());
            let (used, again) = repeats(set, value_bytes, &mut batch.expect("memory"));
            assert!(used > 15_000 && again == 0, "{again} of {used}");
        }
    }
}

#[test]
fn with_plain_stores_nearly_everything_stays() {
    let shape = Shape::new(KeyKind::Fixed(8), 16).expect("a shape");
    let mut batch = Batch::new(shape, BatchClass::MIN).expect("memory");
    let (used, again) = repeats(KernelSet::best(), 16, &mut batch);
    assert!(again > used, "{again} of {used}");
}
