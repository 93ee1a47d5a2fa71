//! `adyton:enclave/oblivious-map`, as a guest calls it.

use adyton_oblivious::OramMap;
use adyton_sandbox::{Ending, Outcome};

use crate::support::{guest, module_importing, prepare, surroundings, written};

const IMPORTS: &str = include_str!("guests/map_imports.wat");
const MAPS: &str = include_str!("guests/maps.wat");
const MIB: u64 = 1 << 20;

/// Cases of the interface's `map-error`, in its order.
const SHAPE: u8 = 0;
const CAPACITY: u8 = 1;
const MEMORY: u8 = 2;
const KEY_LENGTH: u8 = 3;
const VALUE_LENGTH: u8 = 4;
const FULL: u8 = 5;

/// What a call gave.
#[derive(Debug, PartialEq, Eq)]
enum Got {
    Map,
    Found(u64),
    Nothing,
    /// A case of the interface's `map-error`, and what it says.
    Error(u8, u64),
}

fn run_with(memory_bytes: u64, start: &str) -> Outcome {
    let start = format!(r#"{MAPS} (func (export "_start") (local $m i32) {start})"#);
    let component = module_importing(memory_bytes, IMPORTS, &start);
    let prepared = prepare(&component, memory_bytes);
    assert_eq!(
        prepared.heap_bytes(),
        usize::try_from(2 * memory_bytes).ok()
    );
    prepared.run(surroundings(b""), || {}).expect("it starts")
}

/// What each call of the guest gave. `makes` says which of them made maps.
fn calls(makes: &[usize], start: &str) -> Vec<Got> {
    let outcome = run_with(4 * MIB, &format!("{start} (call $notes)"));
    assert!(outcome.succeeded(), "{outcome:?}");
    let notes = written(outcome, "result");
    let notes = notes.chunks_exact(32).enumerate();
    notes
        .map(|(n, note)| got(note, makes.contains(&n)))
        .collect()
}

fn got(note: &[u8], makes: bool) -> Got {
    let word = |at: usize| u64::from_le_bytes(note[at..at + 8].try_into().expect("8 bytes"));
    match (note[0], makes, note[8]) {
        (1, _, case @ (KEY_LENGTH | VALUE_LENGTH)) => Got::Error(case, u64::from(note[16])),
        (1, _, SHAPE) => Got::Error(SHAPE, 0),
        (1, _, case) => Got::Error(case, word(16)),
        (_, true, _) => Got::Map,
        (_, _, 1) => Got::Found(word(24)),
        _ => {
            assert_eq!(word(24), 0, "what is not found is zeros");
            Got::Nothing
        }
    }
}

#[test]
fn a_program_puts_looks_up_and_removes() {
    for keys in ["(i32.const 0) (i32.const 8)", "(i32.const 1) (i32.const 0)"] {
        let got = calls(
            &[0],
            &format!(
                "(local.set $m (call $create (i64.const 100) {keys} (i32.const 8)))
                 (call $get (local.get $m) (i64.const 7))
                 (call $put (local.get $m) (i64.const 7) (i64.const 70))
                 (call $put (local.get $m) (i64.const 8) (i64.const 80))
                 (call $put (local.get $m) (i64.const 7) (i64.const 71))
                 (call $get (local.get $m) (i64.const 7))
                 (call $get (local.get $m) (i64.const 9))
                 (call $remove (local.get $m) (i64.const 7))
                 (call $get (local.get $m) (i64.const 7))
                 (call $get (local.get $m) (i64.const 8))"
            ),
        );
        let expected = [
            Got::Map,
            Got::Nothing,
            Got::Nothing,
            Got::Nothing,
            Got::Found(70),
            Got::Found(71),
            Got::Nothing,
            Got::Found(71),
            Got::Nothing,
            Got::Found(80),
        ];
        assert_eq!(got, expected);
    }
}

#[test]
fn what_an_access_does_is_chosen_by_numbers() {
    let got = calls(
        &[0],
        "(local.set $m (call $create (i64.const 10) (i32.const 0) (i32.const 8) (i32.const 8)))
         (call $access (local.get $m) (i64.const 1) (i64.const 5) (i32.const 0) (i32.const 0))
         (call $access (local.get $m) (i64.const 1) (i64.const 6) (i32.const 1) (i32.const 0))
         (call $access (local.get $m) (i64.const 1) (i64.const 7) (i32.const 0) (i32.const 0))
         (call $access (local.get $m) (i64.const 1) (i64.const 8) (i32.const 1) (i32.const 1))
         (call $access (local.get $m) (i64.const 1) (i64.const 9) (i32.const 0) (i32.const 1))
         (call $get (local.get $m) (i64.const 1))",
    );
    let expected = [
        Got::Map,
        Got::Nothing,
        Got::Nothing,
        Got::Found(6),
        Got::Found(6),
        Got::Found(8),
        Got::Nothing,
    ];
    assert_eq!(got, expected);
}

#[test]
fn every_refusal_is_a_value() {
    let got = calls(
        &[0, 1, 2, 3, 4, 5, 12],
        "(drop (call $create (i64.const 10) (i32.const 0) (i32.const 9) (i32.const 8)))
         (drop (call $create (i64.const 10) (i32.const 0) (i32.const 8) (i32.const 65)))
         (drop (call $create (i64.const 10) (i32.const 1) (i32.const 0) (i32.const 57)))
         (drop (call $create (i64.const 4294967296) (i32.const 0) (i32.const 8) (i32.const 8)))
         (drop (call $create (i64.const -1) (i32.const 0) (i32.const 8) (i32.const 8)))
         (local.set $m (call $create (i64.const 2) (i32.const 0) (i32.const 8) (i32.const 8)))
         (call $get_of (local.get $m) (i64.const 1) (i32.const 7))
         (call $put_of (local.get $m) (i64.const 1) (i64.const 1) (i32.const 9))
         (call $put (local.get $m) (i64.const 1) (i64.const 10))
         (call $put (local.get $m) (i64.const 2) (i64.const 20))
         (call $put (local.get $m) (i64.const 3) (i64.const 30))
         (call $get (local.get $m) (i64.const 2))
         (local.set $m (call $create (i64.const 2) (i32.const 1) (i32.const 0) (i32.const 8)))
         (call $get_of (local.get $m) (i64.const 1) (i32.const 256))",
    );
    let expected = [
        Got::Error(SHAPE, 0),
        Got::Error(SHAPE, 0),
        Got::Error(SHAPE, 0),
        Got::Error(CAPACITY, 1 << 31),
        Got::Error(CAPACITY, 1 << 31),
        Got::Map,
        Got::Error(KEY_LENGTH, 8),
        Got::Error(VALUE_LENGTH, 8),
        Got::Nothing,
        Got::Nothing,
        Got::Error(FULL, 2),
        Got::Found(20),
        Got::Map,
        Got::Error(KEY_LENGTH, 255),
    ];
    assert_eq!(got, expected);
}

/// The limit is the manifest's: of 4 MiB the guest's own memory takes less than a half, and a map of
/// 4,096 records more than a half of the rest.
#[test]
fn maps_count_against_the_memory_limit_until_they_are_dropped() {
    const RECORDS: usize = 4096;
    let bytes = OramMap::memory_bytes(RECORDS).expect("a size") as u64;
    assert!((3 * MIB / 2..3 * MIB).contains(&bytes), "{bytes}");
    let create =
        format!("(call $create (i64.const {RECORDS}) (i32.const 0) (i32.const 8) (i32.const 8))");
    let start = format!(
        "(local.set $m {create}) (drop {create})
         (call $map_drop (local.get $m)) (local.set $m {create})
         (call $put (local.get $m) (i64.const 1) (i64.const 10))
         (call $get (local.get $m) (i64.const 1))"
    );
    let expected = [
        Got::Map,
        Got::Error(MEMORY, bytes),
        Got::Map,
        Got::Nothing,
        Got::Found(10),
    ];
    assert_eq!(calls(&[0, 1, 2], &start), expected);
    let outcome = run_with(
        MIB,
        "(drop (call $create (i64.const 1048576) (i32.const 0) (i32.const 8) (i32.const 8)))",
    );
    assert!(outcome.memory_limit_hit && outcome.succeeded());
}

#[test]
fn a_map_that_was_dropped_or_never_made_ends_the_program() {
    for start in [
        "(local.set $m (call $create (i64.const 1) (i32.const 0) (i32.const 8) (i32.const 8)))
         (call $map_drop (local.get $m)) (call $get (local.get $m) (i64.const 1))",
        "(call $get (i32.const 77) (i64.const 1))",
    ] {
        let outcome = run_with(4 * MIB, start);
        assert!(matches!(outcome.ending, Ending::Trapped { .. }));
    }
}

#[test]
fn who_makes_no_map_needs_no_heap_for_it() {
    assert_eq!(prepare(&guest(""), 4 * MIB).heap_bytes(), None);
}
