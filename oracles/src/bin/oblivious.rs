//! One oblivious look-up by five means, in one run: this crate's map and batch join, the crate
//! `oram` (Path ORAM, by index and not by key), a linear scan, and `hashbrown`, which hides nothing.
//!
//! `cargo run --release --bin oblivious [-- BITS]`: tables of `2^BITS` records, 2^16 and 2^20 if not said

use std::hint::black_box;
use std::time::Instant;

use adyton_crypto::os_rng;
use adyton_oblivious::{
    Alone, Batch, BatchClass, KernelSet, KeyKind, OramMap, Shape, Table, TableBuilder, measure,
};
use adyton_oracles::{median_ns, table};
use hashbrown::HashMap;
use oram::{BlockValue, DefaultOram, Oram};
use rand::rngs::OsRng;

/// Bytes of a record: its key and its value here, the value alone there.
const RECORD: usize = 64;

fn main() {
    let bits = std::env::args().nth(1).and_then(|word| word.parse().ok());
    let sizes = bits.map_or(vec![16, 20], |bits: u32| vec![bits]);
    for bits in sizes {
        compare(bits);
    }
}

/// A number that looks like none in particular; every `n` has its own.
fn mix(n: u64) -> u64 {
    let x = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ x >> 31
}

/// Says how long it took.
fn built<T>(name: &str, build: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let made = build();
    println!("{name:58} loaded in {:.1} s", start.elapsed().as_secs_f64());
    made
}

fn compare(bits: u32) {
    let records = 1_u64 << bits;
    println!("2^{bits} records of {RECORD} bytes");
    let mut map = built("map", || our_map(records));
    let records_table = built("table for the join and the scan", || our_table(records));
    let mut theirs = built("oram", || {
        let mut oram =
            DefaultOram::<BlockValue<RECORD>>::new(records, &mut OsRng).expect("an ORAM");
        // What was never written is read just as slowly.
        for n in 0..records.min(1 << 10) {
            let value = BlockValue::new([n as u8; RECORD]);
            oram.write(n, value, &mut OsRng).expect("an index");
        }
        oram
    });
    let plain: HashMap<u64, [u8; 56]> = (0..records).map(|n| (mix(n), [1; 56])).collect();
    let mut batch = Batch::new(records_table.shape(), class()).expect("memory");
    let keys: Vec<[u8; 8]> = (0..class().queries() as u64)
        .map(|n| mix(n * 77 % (2 * records)).to_le_bytes())
        .collect();
    let slices = keys.iter().map(<[u8; 8]>::as_slice);
    batch
        .add_client(&records_table, class().queries(), slices)
        .expect("room");
    let (mut i, mut j, mut k) = (0, 0, 0);
    let [ours, path] = median_ns(
        9,
        200,
        [
            &mut || {
                i += 1;
                black_box(map.get(&mix(mix(i) % (2 * records)).to_le_bytes())).expect("a key");
            },
            &mut || {
                j += 1;
                black_box(theirs.read(mix(j) % records, &mut OsRng)).expect("an index");
            },
        ],
    );
    let [join, scan] = median_ns(
        9,
        1,
        [
            &mut || {
                black_box(records_table.answer(&mut batch, &Alone)).expect("no overflow");
            },
            &mut || {
                black_box(measure::scan_all(&records_table, black_box(77)));
            },
        ],
    );
    let [hash] = median_ns(
        9,
        100_000,
        [&mut || {
            k += 1;
            black_box(plain.get(&mix(mix(k) % (2 * records))));
        }],
    );
    table(&[
        ("map, by key", ours),
        (
            "join, by key, one of 8,192 together, 24-byte records",
            join / 8192.0,
        ),
        ("crate oram, by index", path),
        ("linear scan, 24-byte records", scan),
        ("hashbrown, by key, not oblivious", hash),
    ]);
}

fn class() -> BatchClass {
    BatchClass::holding(8192).expect("a class")
}

fn our_map(records: u64) -> OramMap {
    let shape = Shape::new(KeyKind::Fixed(8), 56).expect("a shape");
    let mut map =
        OramMap::new(shape, records as usize, KernelSet::best(), &mut os_rng()).expect("memory");
    for n in 0..records {
        map.put(&mix(n).to_le_bytes(), &[1; 56]).expect("room");
    }
    map
}

fn our_table(records: u64) -> Table {
    let shape = Shape::new(KeyKind::Fixed(8), 16).expect("a shape");
    let mut builder = TableBuilder::new(shape, records as usize, KernelSet::best(), &mut os_rng())
        .expect("memory");
    for n in 0..records {
        builder.push(&mix(n).to_le_bytes(), &[1; 16]).expect("room");
    }
    builder
        .finish(&mut os_rng(), &Alone)
        .expect("no duplicates")
}
