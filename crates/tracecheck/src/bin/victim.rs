//! Runs one look-up on one secret, between two marks that the tracer knows.
//!
//! `victim CASE KERNELS SECRET [poison]`

use std::arch::asm;
use std::convert::Infallible;
use std::hint::black_box;
use std::process::ExitCode;

use adyton_oblivious::{
    Alone, Answers, Batch, BatchClass, Client, KernelKind, KernelSet, KeyKind, OramMap, Secret,
    Shape, Table, TableBuilder, measure,
};
use adyton_tracecheck::{JOIN_CAPACITY, JOIN_RECORDS, MAP_STEPS, mix};
use rand_core::{TryCryptoRng, TryRng};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [case, kernels, secret, rest @ ..] = words.as_slice() else {
        return ExitCode::from(2);
    };
    let kind = KernelKind::ALL.into_iter().find(|k| k.as_str() == *kernels);
    let Some(set) = kind.and_then(KernelSet::of) else {
        // This processor has none of those.
        return ExitCode::from(3);
    };
    let Ok(secret) = secret.parse() else {
        return ExitCode::from(2);
    };
    let run = Run {
        set,
        secret,
        poison: rest.iter().any(|word| word == "poison"),
        fresh: case.starts_with("fresh"),
    };
    match case.as_str() {
        "join0" => run.join(KeyKind::Fixed(8), 0, measure::TINY),
        "join16" => run.join(KeyKind::Fixed(8), 16, measure::TINY),
        "join56" => run.join(KeyKind::Fixed(8), 56, measure::TINY),
        "joinany" => run.join(KeyKind::Any, 64, measure::TINY),
        "join256" => run.join(KeyKind::Fixed(8), 16, BatchClass::MIN),
        "fresh16" => run.join(KeyKind::Fixed(8), 16, measure::TINY),
        "map" | "freshmap" => run.map(),
        "leaky-index" => run.leaky(|list, key| list[(key % 64) as usize * 16]),
        "leaky-branch" => run.leaky(|list, key| list.binary_search(&key).unwrap_or(0) as u64),
        "leaky-mask" => run.leaky(leaky_mask),
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}

struct Run {
    set: KernelSet,
    secret: u64,
    poison: bool,
    /// Whether stores are fresh.
    fresh: bool,
}

/// Not random at all: the same in every run, so that traces can be compared.
struct Tape(u64);

impl TryRng for Tape {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|word| (word >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 += 1;
        Ok(mix(self.0))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            *byte = self.try_next_u64()?.to_le_bytes()[7];
        }
        Ok(())
    }
}

impl TryCryptoRng for Tape {}

impl Run {
    /// Between the marks: tags, sorting, the pass, and writing the answers of two clients.
    fn join(&self, keys: KeyKind, value_bytes: usize, class: BatchClass) {
        let shape = Shape::new(keys, value_bytes).expect("a shape");
        let mut tape = Tape(1);
        let mut builder =
            TableBuilder::new(shape, JOIN_CAPACITY, self.set, &mut tape).expect("memory");
        let value = vec![5; value_bytes];
        for n in 0..JOIN_RECORDS {
            builder.push(&mix(n).to_le_bytes(), &value).expect("room");
        }
        let table = builder.finish(&mut tape, &Alone).expect("no duplicates");
        let mut batch = if self.fresh {
            Batch::with_fresh_stores(shape, class, &mut tape).expect("memory")
        } else {
            Batch::new(shape, class).expect("memory")
        };
        let mut queries = vec![[0; 8]; class.queries()];
        self.fill(&table, &mut queries);
        if self.poison {
            poison(queries.as_flattened_mut());
        }
        let mut bytes = Vec::with_capacity(class.queries() * 65);
        let half = queries.len() / 2;
        self.mark(true);
        let clients = [&queries[..half], &queries[half..]].map(|keys| {
            let slices = keys.iter().map(<[u8; 8]>::as_slice);
            batch.add_client(&table, half, slices).expect("room")
        });
        let answers = table.answer(&mut batch, &Alone).expect("no overflow");
        // The buffer is the caller's.
        if !self.fresh {
            write(&answers, clients, &mut bytes);
        }
        self.mark(false);
        black_box(bytes);
    }

    /// Keys that differ in what is secret: which they are, which are there, which are the same, how
    /// they fall into buckets, which client asks for what. Nothing is allocated here, so that the
    /// allocator is in the same state whatever they are.
    fn fill(&self, table: &Table, queries: &mut [[u8; 8]]) {
        let count = queries.len() as u64;
        let half = count / 2;
        let hit = |n: u64| mix(n % JOIN_RECORDS);
        let miss = |n: u64| mix(JOIN_RECORDS + n);
        let tag = |key: u64| measure::tag(table, &key.to_le_bytes()).expect("a key");
        let wanted = tag(hit(0)) >> 58;
        let mut near = 0;
        for (n, query) in (0..).zip(queries.iter_mut()) {
            let is_near = self.secret == 7 && n < 4 || self.secret == 8 && n < 11;
            while is_near && tag(mix(near)) >> 58 != wanted {
                near += 1;
            }
            let key = match self.secret {
                0 | 5 | 6 => hit(n),
                1 => miss(n),
                2 if n % 2 == 0 => hit(n),
                2 => miss(n),
                3 => hit(3),
                4 => miss(3),
                7 | 8 if is_near => mix(near),
                9 => hit(n % half),
                10 if n < half => hit(n),
                10 => miss(n),
                11 if n < half => miss(n),
                12 => hit(n / 3),
                13 => mix(mix(count + n) % (2 * JOIN_RECORDS)),
                _ => hit(n),
            };
            near += u64::from(is_near);
            *query = key.to_le_bytes();
        }
        let by_tag = |query: &[u8; 8]| tag(u64::from_le_bytes(*query));
        match self.secret {
            5 => queries.sort_unstable_by_key(by_tag),
            6 => queries.sort_unstable_by_key(|query| !by_tag(query)),
            _ => {}
        }
    }

    /// Accesses, the last of them between the marks. Prints the leaves that it revealed.
    fn map(&self) {
        let shape = Shape::new(KeyKind::Fixed(8), 64).expect("a shape");
        let mut tape = Tape(self.secret << 20);
        let make = if self.fresh {
            OramMap::with_fresh_stores
        } else {
            OramMap::new
        };
        let mut map = make(shape, 8, self.set, &mut tape).expect("memory");
        for step in 0..MAP_STEPS {
            access(&mut map, mix(self.secret << 8 | step));
        }
        let mut words = [mix(self.secret) >> 61, self.secret % 3];
        if self.poison {
            words.iter_mut().for_each(poison_word);
        }
        let [key, order] = words;
        let (puts, removes) = orders(order);
        self.mark(true);
        let answer = map.access(&key.to_le_bytes(), &[9; 64], &puts, &removes);
        self.mark(false);
        black_box(&answer);
        let leaves: Vec<String> = measure::revealed(&map).iter().map(u64::to_string).collect();
        line(&format!("leaves {}", leaves.join(" ")));
    }

    /// A look-up as it must not be.
    fn leaky(&self, look_up: impl Fn(&[u64], u64) -> u64) {
        let list: Vec<u64> = (0..1024).map(|n| n << 54).collect();
        let mut key = mix(self.secret);
        if self.poison {
            poison_word(&mut key);
        }
        self.mark(true);
        let found = look_up(black_box(&list), black_box(key));
        self.mark(false);
        black_box(found);
    }

    /// An interrupt that the tracer waits for; none without a tracer.
    fn mark(&self, begins: bool) {
        if self.poison {
            return;
        }
        let number = if begins { 0xaaaa_u64 } else { 0xbbbb };
        // SAFETY: the tracer takes the interrupt; no memory is touched.
        unsafe { asm!("int3", in("r11") number, options(nostack)) };
    }
}

fn access(map: &mut OramMap, random: u64) {
    let key = (random >> 61).to_le_bytes();
    let (puts, removes) = orders(random % 3);
    black_box(map.access(&key, &[random.to_le_bytes()[1]; 64], &puts, &removes)).expect("room");
}

/// Reads, puts or removes.
fn orders(order: u64) -> (Secret<bool>, Secret<bool>) {
    (Secret::new(order == 1), Secret::new(order == 2))
}

fn write(answers: &Answers<'_>, clients: [Client; 2], to: &mut Vec<u8>) {
    for client in clients {
        answers.write(client, to).expect("a client");
    }
}

/// A store that is made or not by a mask, which is what compilers make of a choice.
fn leaky_mask(list: &[u64], key: u64) -> u64 {
    let mut copy = list.to_vec();
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has the instruction.
        unsafe { masked_store(&mut copy, key) };
    }
    copy[0]
}

/// What the scanner must find: a masked store, a division and a call.
#[unsafe(link_section = "oblivious_leaks")]
#[inline(never)]
#[target_feature(enable = "avx2")]
fn masked_store(list: &mut [u64], key: u64) {
    use std::arch::x86_64::{_mm256_maskstore_epi64, _mm256_set1_epi64x};
    let mask = _mm256_set1_epi64x((key & 1).wrapping_neg().cast_signed());
    // SAFETY: 32 bytes behind a reference to more.
    unsafe { _mm256_maskstore_epi64(list.as_mut_ptr().cast(), mask, mask) };
    let (whole, part) = list.split_at_mut(512);
    let len = usize::from((list_len(key) / (key | 1)).to_le_bytes()[0]);
    whole[..len].copy_from_slice(&part[..len]);
}

fn list_len(key: u64) -> u64 {
    black_box(key >> 40)
}

fn poison_word(word: &mut u64) {
    let mut bytes = word.to_le_bytes();
    poison(&mut bytes);
    *word = u64::from_le_bytes(black_box(bytes));
}

/// Tells memcheck that nothing may depend on these bytes (`VALGRIND_MAKE_MEM_UNDEFINED`).
fn poison(bytes: &mut [u8]) {
    let request = [
        0x4d43_0001,
        bytes.as_mut_ptr().addr() as u64,
        bytes.len() as u64,
        0,
        0,
        0,
    ];
    // SAFETY: to every processor nothing, to valgrind a request (valgrind.h).
    unsafe {
        asm!("rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            in("rax") &request, inout("rdx") 0_u64 => _, options(nostack));
    }
}

#[expect(clippy::print_stdout, reason = "the tracer reads it")]
fn line(text: &str) {
    println!("{text}");
}
