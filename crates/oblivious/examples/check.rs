//! Every answer of many random look-ups, compared with a plain map's; fill of the stashes and
//! leaves that were revealed, counted:
//! `cargo run --release -p adyton-oblivious --example check -- [join|map] [LOOKUPS]`.
//!
//! Both engines and 10^8 look-ups of each, if not said otherwise: some ten minutes. Exits with 1
//! if an answer is wrong or the counts are not what chance makes them.

use std::process::ExitCode;

use adyton_crypto::os_rng;
use adyton_oblivious::{
    Alone, Answer, Batch, BatchClass, Change, KernelSet, KeyKind, ObliviousError, OramMap, Secret,
    Shape, Table, TableBuilder, measure,
};
use hashbrown::HashMap;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let lookups = words.iter().find_map(|word| word.parse().ok());
    let lookups = lookups.unwrap_or(100_000_000);
    let has = |word: &str| words.iter().any(|w| w == word);
    let both = !has("join") && !has("map");
    let mut good = true;
    if both || has("join") {
        good &= check_join(lookups);
    }
    if both || has("map") {
        good &= check_map(lookups);
    }
    ExitCode::from(u8::from(!good))
}

#[expect(clippy::print_stdout, reason = "a check speaks to a terminal")]
fn line(text: &str) {
    println!("{text}");
}

/// A permutation of numbers that looks like none in particular (`SplitMix64`).
fn mix(n: u64) -> u64 {
    let x = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

/// Numbers to choose by; the same in every run.
struct Choices(u64);

impl Choices {
    fn next(&mut self) -> u64 {
        self.0 += 1;
        mix(self.0)
    }

    fn below(&mut self, bound: u64) -> u64 {
        // The bounds are far below 2^64, so that no number is preferred by much.
        self.next() % bound
    }
}

/// Records at the start, as a power of two; half as many keys more are asked for and put in.
const TABLE_BITS: u32 = 20;
const KEYS: u64 = 3 << (TABLE_BITS - 1);

type Value = [u8; 16];

fn check_join(lookups: u64) -> bool {
    let mut choices = Choices(1 << 40);
    let (mut table, mut plain) = loaded();
    let class = BatchClass::holding(8192).expect("a class");
    let mut batch = Batch::new(table.shape(), class).expect("memory");
    let (mut asked, mut wrong, mut changed, mut epochs, mut merges) = (0, 0, 0, 0, 0);
    let mut rounds = 0;
    while asked < lookups {
        let keys: Vec<u64> = (0..8000).map(|_| mix(choices.below(KEYS))).collect();
        asked += 8000;
        wrong += ask(&table, &mut batch, &keys, &plain);
        changed += change(&mut table, &mut plain, &mut choices);
        rounds += 1;
        if rounds % 50 == 0 {
            table.merge();
            merges += 1;
        }
        if rounds % 500 == 0 {
            table.rotate(&mut os_rng(), &Alone);
            epochs += 1;
        }
    }
    line(&format!(
        "join: {asked} look-ups in about 2^{TABLE_BITS} records, {wrong} wrong; between them {changed} changes, {merges} merges, {epochs} new keys"
    ));
    wrong == 0
}

fn loaded() -> (Table, HashMap<u64, Value>) {
    let shape = Shape::new(KeyKind::Fixed(8), 16).expect("a shape");
    let set = KernelSet::best();
    let capacity = usize::try_from(KEYS).expect("small");
    let mut builder = TableBuilder::new(shape, capacity, set, &mut os_rng()).expect("memory");
    let mut plain = HashMap::new();
    for n in 0..1_u64 << TABLE_BITS {
        let value = u128::from(mix(n ^ 77)).to_le_bytes();
        builder.push(&mix(n).to_le_bytes(), &value).expect("room");
        plain.insert(mix(n), value);
    }
    let table = builder.finish(&mut os_rng(), &Alone);
    (table.expect("no duplicates"), plain)
}

/// Asks from two clients; counts wrong answers.
fn ask(table: &Table, batch: &mut Batch, keys: &[u64], plain: &HashMap<u64, Value>) -> u64 {
    batch.clear();
    let keys: Vec<[u8; 8]> = keys.iter().map(|key| key.to_le_bytes()).collect();
    let (one, two) = keys.split_at(keys.len() / 3);
    let clients = [one, two].map(|keys| {
        let slices = keys.iter().map(<[u8; 8]>::as_slice);
        let client = batch.add_client(table, keys.len(), slices);
        (client.expect("room"), keys)
    });
    let answers = table.answer(batch, &Alone).expect("no overflow");
    let mut wrong = 0;
    for (client, keys) in clients {
        let mut bytes = Vec::new();
        answers.write(client, &mut bytes).expect("a client");
        for (key, answer) in keys.iter().zip(bytes.chunks(17)) {
            let mut wanted = [0; 17];
            if let Some(value) = plain.get(&u64::from_le_bytes(*key)) {
                wanted[0] = 1;
                wanted[1..].copy_from_slice(value);
            }
            wrong += u64::from(answer != wanted);
        }
    }
    wrong
}

/// Puts new records, changes some and removes some.
fn change(table: &mut Table, plain: &mut HashMap<u64, Value>, choices: &mut Choices) -> u64 {
    let steps: Vec<([u8; 8], Value, bool)> = (0..200)
        .map(|_| {
            let key = mix(choices.below(KEYS)).to_le_bytes();
            let value = u128::from(choices.next()).to_be_bytes();
            (key, value, choices.below(3) != 0)
        })
        .collect();
    let changes: Vec<Change<'_>> = steps
        .iter()
        .map(|(key, value, puts)| match puts {
            true => Change::Put { key, value },
            false => Change::Remove { key },
        })
        .collect();
    table.apply(&changes).expect("room");
    for (key, value, puts) in &steps {
        let key = u64::from_le_bytes(*key);
        if *puts {
            plain.insert(key, *value);
        } else {
            plain.remove(&key);
        }
    }
    steps.len() as u64
}

/// Records of the map, as a power of two: trees of every kind are in use, and all are full.
const MAP_BITS: u32 = 16;
/// Places of a stash.
const STASH: usize = 32;
/// Leaves are counted by their first digits.
const BIN_BITS: u32 = 8;

/// What was seen of one tree.
struct Seen {
    /// Accesses after which the stash held so many blocks.
    fills: [u64; STASH + 1],
    /// How often leaves were revealed, by their first digits.
    bins: Vec<u64>,
    /// The same for those digits and the ones of the access before.
    pairs: Vec<u64>,
    last: usize,
}

impl Seen {
    fn new() -> Self {
        Self {
            fills: [0; STASH + 1],
            bins: vec![0; 1 << BIN_BITS],
            pairs: vec![0; 1 << (2 * BIN_BITS)],
            last: 0,
        }
    }

    fn add(&mut self, leaf: u64, depth: u32, fill: usize) {
        let bin = usize::try_from(leaf >> (depth - BIN_BITS)).expect("small");
        self.fills[fill] += 1;
        self.bins[bin] += 1;
        self.pairs[self.last << BIN_BITS | bin] += 1;
        self.last = bin;
    }
}

fn check_map(lookups: u64) -> bool {
    let capacity = 1_u64 << MAP_BITS;
    let shape = Shape::new(KeyKind::Fixed(8), 56).expect("a shape");
    let set = KernelSet::best();
    let mut map = OramMap::new(shape, 1 << MAP_BITS, set, &mut os_rng()).expect("memory");
    let mut plain = HashMap::new();
    let mut choices = Choices(1 << 41);
    let depths = measure::depths(&map);
    let mut seen: Vec<Seen> = depths.iter().map(|_| Seen::new()).collect();
    let (mut wrong, mut refused) = (0, 0);
    for n in 0..lookups {
        // At first all keys once, so that the map is full from then on, or nearly.
        let key = if n < capacity {
            mix(n)
        } else {
            mix(choices.below(capacity + capacity / 4))
        };
        // So many are put that the map stays nearly full, and often is.
        let order = if n < capacity { 1 } else { choices.below(20) };
        match step(&mut map, &mut plain, (key, order), choices.next()) {
            Ok(good) => wrong += u64::from(!good),
            Err(()) => refused += 1,
        }
        let leaves = measure::revealed(&map);
        let fills = measure::in_stashes(&map);
        for (((seen, depth), leaf), fill) in seen.iter_mut().zip(&depths).zip(leaves).zip(fills) {
            seen.add(leaf, *depth, fill);
        }
    }
    line(&format!(
        "map: {lookups} accesses to 2^{MAP_BITS} records, {wrong} wrong; {refused} insertions into the full map refused"
    ));
    let mut good = wrong == 0;
    for (seen, depth) in seen.iter().zip(depths) {
        good &= report(seen, depth, lookups);
    }
    good
}

/// One access: whether the answer is what was there before; an error if the map was rightly full.
fn step(
    map: &mut OramMap,
    plain: &mut HashMap<u64, [u8; 56]>,
    (key, order): (u64, u64),
    random: u64,
) -> Result<bool, ()> {
    let mut value = [0; 56];
    value[..8].copy_from_slice(&random.to_le_bytes());
    value[48..].copy_from_slice(&key.to_le_bytes());
    let bytes = key.to_le_bytes();
    let before = plain.get(&key).copied();
    let secret = |yes| Secret::new(yes);
    let found = match order {
        0 => map.remove(&bytes),
        1 | 5..13 => map.put(&bytes, &value),
        2 => map.access(&bytes, &value, &secret(true), &secret(false)),
        3 => map.access(&bytes, &value, &secret(false), &secret(true)),
        4 => map.access(&bytes, &value, &secret(false), &secret(false)),
        _ => map.get(&bytes),
    };
    let found: Secret<Answer> = match found {
        Ok(found) => found,
        Err(ObliviousError::Full { .. }) if plain.len() == 1 << MAP_BITS && before.is_none() => {
            return Err(());
        }
        Err(error) => {
            line(&format!("map: {error}"));
            return Ok(false);
        }
    };
    match order {
        0 | 3 => plain.remove(&key),
        1 | 2 | 5..13 => plain.insert(key, value),
        _ => None,
    };
    Ok(found.danger_reveal().to_option().as_deref() == before.as_ref().map(<[u8; 56]>::as_slice))
}

/// Prints what was seen of a tree; whether it is what chance makes it.
fn report(seen: &Seen, depth: u32, accesses: u64) -> bool {
    let accesses = accesses as f64;
    let most = seen.fills.iter().rposition(|count| *count > 0).unwrap_or(0);
    line(&format!(
        "tree of 2^{depth} leaves: the stash held {most} of {STASH} blocks at most; how often it held more than R:"
    ));
    let mut below_bound = true;
    for r in 0..=most {
        let more: u64 = seen.fills[r + 1..].iter().sum();
        let share = more as f64 / accesses;
        // Circuit ORAM, theorem 1: two blocks a bucket, two tidied paths, in the order of digits
        // reversed.
        let bound = 14.0 * (-(r as f64)).exp();
        below_bound &= share <= bound;
        line(&format!("  R={r:2}: {share:.2e}, bound {bound:.2e}"));
    }
    let (single, pairs) = (spread(&seen.bins), spread(&seen.pairs));
    line(&format!(
        "  leaves: {single:+.2} standard deviations from uniform, {pairs:+.2} together with the access before"
    ));
    below_bound && single.abs() < 6.0 && pairs.abs() < 6.0
}

/// How far counts are from all equal: chi-square, in standard deviations from what it is by chance.
fn spread(counts: &[u64]) -> f64 {
    let total: u64 = counts.iter().sum();
    let each = total as f64 / counts.len() as f64;
    let squares = counts.iter().map(|count| (*count as f64 - each).powi(2));
    let freedom = counts.len() as f64 - 1.0;
    (squares.sum::<f64>() / each - freedom) / (2.0 * freedom).sqrt()
}
