//! Look-ups a second: `cargo run --release -p adyton-oblivious --example bench -- [WHAT..]`.
//!
//! `WHAT` is `join` (default), `huge` (2^27 records, 3.5 GB), `map`, `large-map` (2^24 records, 10 GB),
//! `kernels`, `fresh` (batches and maps with fresh stores), `plain` or `updates`.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Instant;

use adyton_crypto::os_rng;
use adyton_oblivious::{
    Alone, Batch, BatchClass, Change, KernelKind, KernelSet, KeyKind, OramMap, Shape, Table,
    TableBuilder, Threads, Workers, measure,
};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| words.iter().any(|w| w == word);
    line(&format!("kernels: {}", KernelSet::best().kind()));
    if words.is_empty() || has("join") {
        joins();
    }
    if has("kernels") {
        for kind in KernelKind::ALL {
            if let Some(set) = KernelSet::of(kind) {
                line(&format!("kernels: {kind}"));
                join(&table(20, 16, set), 13, 1);
            }
        }
    }
    if has("fresh") {
        fresh();
    }
    if has("huge") {
        huge();
    }
    if has("map") {
        maps(&[14, 17, 20]);
    }
    if has("large-map") {
        maps(&[24]);
    }
    if has("plain") {
        plain();
    }
    if has("updates") {
        updates();
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark speaks to a terminal")]
fn line(text: &str) {
    println!("{text}");
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}

/// Seconds of wall time and of this thread's time that a call takes.
fn timed<T>(call: impl FnOnce() -> T) -> (f64, f64, T) {
    let (wall, thread) = (now(), thread_secs());
    let out = call();
    (wall.elapsed().as_secs_f64(), thread_secs() - thread, out)
}

#[expect(
    unsafe_code,
    reason = "the standard library has no clock of a thread's time"
)]
fn thread_secs() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: writes the one structure that it is handed.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The median of some runs' seconds: wall, thread.
fn median(runs: usize, mut call: impl FnMut()) -> (f64, f64) {
    let (mut walls, mut threads): (Vec<f64>, Vec<f64>) = (0..runs)
        .map(|_| {
            let (wall, thread, ()) = timed(&mut call);
            (wall, thread)
        })
        .unzip();
    walls.sort_by(f64::total_cmp);
    threads.sort_by(f64::total_cmp);
    (walls[runs / 2], threads[runs / 2])
}

/// A number that looks like none in particular; every `n` has its own.
fn mix(n: u64) -> u64 {
    let x = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

/// `2^bits` records.
fn table(bits: u32, value_bytes: usize, set: KernelSet) -> Table {
    let shape = Shape::new(KeyKind::Fixed(8), value_bytes).expect("a shape");
    let (wall, thread, table) = timed(|| {
        let mut builder = TableBuilder::new(shape, 1 << bits, set, &mut os_rng()).expect("memory");
        let mut value = [0; 64];
        for n in 0..1_u64 << bits {
            value[..8].copy_from_slice(&n.to_le_bytes());
            builder
                .push(&mix(n).to_le_bytes(), &value[..value_bytes])
                .expect("room");
        }
        builder
            .finish(&mut os_rng(), &Alone)
            .expect("no duplicates")
    });
    line(&format!(
        "table  N=2^{bits} V={value_bytes}: build wall {wall:.2} s thread {thread:.2} s, {:.1} bytes a record",
        Table::memory_bytes(shape, 1 << bits) as f64 / (1_u64 << bits) as f64
    ));
    table
}

/// Half hits, half misses.
fn filled(table: &Table, mut batch: Batch) -> Batch {
    let class = batch.class();
    let keys: Vec<[u8; 8]> = (0..class.queries() as u64)
        .map(|i| mix(mix(i + 99) % (2 * table.len() as u64)).to_le_bytes())
        .collect();
    let slices = keys.iter().map(<[u8; 8]>::as_slice);
    batch
        .add_client(table, class.queries(), slices)
        .expect("room");
    batch
}

fn join(table: &Table, batch_bits: u32, workers: usize) {
    let class = BatchClass::holding(1 << batch_bits).expect("a class");
    let batch = Batch::new(table.shape(), class).expect("memory");
    join_in(filled(table, batch), table, workers);
}

fn join_in(mut batch: Batch, table: &Table, workers: usize) {
    let class = batch.class();
    let workers = Threads(NonZeroUsize::new(workers).expect("not zero"));
    let runs = if table.len() > 1 << 22 { 9 } else { 41 };
    let (all, thread) = median(runs, || {
        black_box(table.answer(&mut batch, &workers).expect("no overflow"));
    });
    let (pass, _) = median(runs, || measure::pass(table, &mut batch, &workers));
    let (read, _) = median(runs, || measure::read(table, &workers));
    let queries = class.queries() as f64;
    line(&format!(
        "join   N=2^{} V={} B={} workers={}: {:.0} look-ups/s, batch {:.2} ms (thread {:.2}), pass {:.2}, rest {:.2}, floor {:.2} ms = {:.2} of it, {:.1} GB/s",
        table.len().ilog2(),
        table.shape().value_bytes(),
        class.queries(),
        workers.count(),
        queries / all,
        all * 1e3,
        thread * 1e3,
        pass * 1e3,
        (all - pass) * 1e3,
        read * 1e3,
        read / pass,
        Table::memory_bytes(table.shape(), table.len()) as f64 / pass * 1e-9,
    ));
}

fn joins() {
    let set = KernelSet::best();
    let small = table(20, 16, set);
    for bits in [8, 10, 13, 16] {
        join(&small, bits, 1);
    }
    join(&small, 13, 2);
    drop(small);
    let large = table(24, 16, set);
    for (bits, workers) in [(10, 1), (13, 1), (13, 2), (16, 1), (16, 2)] {
        join(&large, bits, workers);
    }
    drop(large);
    let wide = table(24, 56, set);
    join(&wide, 13, 1);
    join(&wide, 13, 2);
}

fn fresh() {
    for bits in [20, 24] {
        let table = table(bits, 16, KernelSet::best());
        for workers in [1, 2] {
            join(&table, 13, workers);
            let class = BatchClass::holding(1 << 13).expect("a class");
            let batch = Batch::with_fresh_stores(table.shape(), class, &mut os_rng());
            line("with fresh stores:");
            join_in(filled(&table, batch.expect("memory")), &table, workers);
        }
    }
    let shape = Shape::new(KeyKind::Fixed(8), 56).expect("a shape");
    let set = KernelSet::best();
    for bits in [16, 20] {
        let map = OramMap::new(shape, 1 << bits, set, &mut os_rng()).expect("memory");
        map_in(map, bits);
        let map = OramMap::with_fresh_stores(shape, 1 << bits, set, &mut os_rng());
        line("with fresh stores, twice the memory:");
        map_in(map.expect("memory"), bits);
    }
}

fn huge() {
    let table = table(27, 16, KernelSet::best());
    join(&table, 13, 2);
    join(&table, 16, 1);
    join(&table, 16, 2);
    line(&format!("memory: {} MB at most", peak_memory() >> 20));
}

fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|text| text.split_whitespace().next()?.parse::<usize>().ok());
    kilobytes.unwrap_or(0) << 10
}

fn maps(sizes: &[u32]) {
    for bits in sizes {
        let shape = Shape::new(KeyKind::Fixed(8), 56).expect("a shape");
        let set = KernelSet::best();
        let map = OramMap::new(shape, 1 << bits, set, &mut os_rng()).expect("memory");
        map_in(map, *bits);
    }
}

fn map_in(mut map: OramMap, bits: u32) {
    let mut put = |n: u64| {
        let value = [n.to_le_bytes()[0]; 56];
        black_box(map.put(&mix(n).to_le_bytes(), &value).expect("room"));
    };
    // What an access does is the same whatever is there; all pages are in use after these.
    let loaded = bits.min(20);
    let (wall, _, ()) = timed(|| (0..1 << loaded).for_each(&mut put));
    line(&format!(
        "map    N=2^{bits}: 2^{loaded} records loaded in {wall:.1} s, {:.1} us a record",
        wall / f64::from(1 << loaded) * 1e6
    ));
    let mut n = 0;
    let queries = 20_000;
    let (wall, thread) = median(15, || {
        for _ in 0..queries {
            n += 1;
            let key = mix(mix(n) % (2 << loaded)).to_le_bytes();
            black_box(map.get(&key).expect("a key"));
        }
    });
    let each = f64::from(queries);
    let bytes = OramMap::memory_bytes(1 << bits).expect("a size");
    line(&format!(
        "map    N=2^{bits} record=64: {:.0} look-ups/s, {:.2} us (thread {:.2}), {:.0} bytes a record",
        each / wall,
        wall / each * 1e6,
        thread / each * 1e6,
        bytes as f64 / f64::from(1 << bits)
    ));
}

fn plain() {
    for bits in [20, 24] {
        let table = table(bits, 16, KernelSet::best());
        let (wall, _) = median(9, || {
            black_box(measure::scan_all(&table, black_box(77)));
        });
        line(&format!(
            "linear N=2^{bits} V=16: {:.0} look-ups/s",
            1.0 / wall
        ));
        drop(table);
        let mut map = hashbrown::HashMap::with_capacity(1 << bits);
        for n in 0..1_u64 << bits {
            map.insert(mix(n), [n; 2]);
        }
        let queries = 1 << 16;
        let (wall, _) = median(9, || {
            for i in 0..queries {
                black_box(map.get(&mix(mix(i + 99) % (2 << bits))));
            }
        });
        line(&format!(
            "hashbrown (not oblivious) N=2^{bits} V=16: {:.0} look-ups/s",
            queries as f64 / wall
        ));
    }
}

fn updates() {
    let mut table = table(24, 16, KernelSet::best());
    drop(std::mem::replace(&mut table, {
        let shape = Shape::new(KeyKind::Fixed(8), 16).expect("a shape");
        let mut builder = TableBuilder::new(
            shape,
            (1 << 24) + (1 << 18),
            KernelSet::best(),
            &mut os_rng(),
        )
        .expect("memory");
        for n in 0..1_u64 << 24 {
            builder.push(&mix(n).to_le_bytes(), &[1; 16]).expect("room");
        }
        builder
            .finish(&mut os_rng(), &Alone)
            .expect("no duplicates")
    }));
    for (name, first) in [("changes", 0), ("inserts", 1 << 24)] {
        for each in [1_u64, 100, 10_000] {
            let keys: Vec<[u8; 8]> = (0..each)
                .map(|n| mix(first + each * 3 + n).to_le_bytes())
                .collect();
            let puts: Vec<Change<'_>> = keys
                .iter()
                .map(|key| Change::Put {
                    key,
                    value: &[2; 16],
                })
                .collect();
            let (wall, _, applied) = timed(|| table.apply(&puts));
            black_box(applied.expect("room"));
            line(&format!(
                "updates N=2^24 V=16: {name}, {each} at once: {:.0}/s",
                each as f64 / wall
            ));
        }
    }
    let (wall, _, ()) = timed(|| table.merge());
    line(&format!("updates N=2^24 V=16: merge {wall:.2} s"));
    let (wall, _, ()) = timed(|| table.rotate(&mut os_rng(), &Alone));
    line(&format!("updates N=2^24 V=16: rotate {wall:.2} s"));
}
