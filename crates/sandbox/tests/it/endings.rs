use std::cell::Cell;

use adyton_sandbox::{Ending, Outcome, SandboxConfig, SandboxError};

use crate::support::{
    exit_code, guest, module, module_within, prepare, run, surroundings, written,
};

fn trap_text(outcome: &Outcome) -> &str {
    match &outcome.ending {
        Ending::Trapped { text } => text,
        other => panic!("no trap: {other:?}"),
    }
}

#[test]
fn the_exit_code_is_the_guests() {
    // Its input's size is its exit code.
    let component = guest("(call $proc_exit (call $read (call $open_data) (i32.const 99)))");
    let prepared = prepare(&component, 4 << 20);
    for code in [0, 1, 42] {
        let host = surroundings(&vec![7; usize::from(code)]);
        let outcome = prepared.run(host, || {}).unwrap();
        assert_eq!(exit_code(&outcome), code);
        assert_eq!(outcome.succeeded(), code == 0);
    }
    assert!(run("", surroundings(b"")).succeeded());
}

#[test]
fn the_start_is_told_once_and_before_the_end() {
    let started = Cell::new(0);
    let prepared = prepare(&guest("unreachable"), 4 << 20);
    let outcome = prepared
        .run(surroundings(b""), || started.set(started.get() + 1))
        .unwrap();
    assert_eq!(started.get(), 1);
    assert!(trap_text(&outcome).contains("unreachable"));
    assert!(!outcome.succeeded());
}

#[test]
fn a_program_runs_again_without_a_trace_of_the_first_run() {
    let prepared = prepare(
        &guest(
            "(if (i32.load (i32.const 65536)) (then unreachable))
             (i32.store (i32.const 65536) (i32.const 1))
             (call $write (call $open_result) (i32.const 1088) (i32.const 6))",
        ),
        4 << 20,
    );
    for _ in 0..3 {
        let outcome = prepared.run(surroundings(b""), || {}).unwrap();
        assert!(outcome.succeeded(), "{outcome:?}");
        assert_eq!(written(outcome, "result"), b"hello\n");
    }
}

#[test]
fn endless_recursion_and_wild_pointers_trap() {
    let recursion = module(
        r#"(func $down (param i32) (result i32)
             (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
           (func (export "_start") (drop (call $down (i32.const 0))))"#,
    );
    let outcome = prepare(&recursion, 4 << 20)
        .run(surroundings(b""), || {})
        .unwrap();
    assert!(trap_text(&outcome).contains("stack"), "{outcome:?}");
    let outcome = run(
        "(i32.store (i32.const -4) (i32.const 1))",
        surroundings(b""),
    );
    assert!(trap_text(&outcome).contains("out of bounds"), "{outcome:?}");
}

#[test]
fn memory_ends_at_the_limit() {
    // The guest's 4 pages, then growth page by page up to the adapter's and the tables'.
    const GROW: &str = r#"(func (export "_start") (local $pages i32)
        (loop $more
          (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then
            (local.set $pages (i32.add (local.get $pages) (i32.const 1)))
            (br $more))))
        (i32.store8 (i32.sub (i32.shl (memory.size) (i32.const 16)) (i32.const 1)) (i32.const 9))
        (call $proc_exit (memory.size)))"#;
    let outcome = prepare(&module_within(16 << 16, GROW), 16 << 16)
        .run(surroundings(b""), || {})
        .unwrap();
    let pages = exit_code(&outcome);
    assert!((11..=12).contains(&pages), "{pages} pages");
    assert!(outcome.memory_limit_hit);
    // Not even the beginning fits.
    let outcome = prepare(&guest(""), 2 << 16)
        .run(surroundings(b""), || panic!("must not start"))
        .unwrap();
    assert!(matches!(outcome.ending, Ending::Trapped { .. }));
    assert!(outcome.memory_limit_hit);
}

/// A program in Go takes all that follows its data, one in AssemblyScript all that is there at
/// first: both write over whatever else is in there.
#[test]
fn the_adapter_has_pages_of_its_own() {
    const GREEDY: &str = r#"(global $end (mut i32) (i32.const 0))
        (func $fill (param $from i32)
          (memory.fill (local.get $from) (i32.const 0xff)
            (i32.sub (i32.shl (memory.size) (i32.const 16)) (local.get $from))))
        (func (export "_start") (local $got i32)
          (call $fill (i32.const 0x20000))
          (local.set $got (call $read (call $open_data) (i32.const 99)))
          (drop (memory.grow (i32.const 3)))
          (call $fill (i32.const 0x20000))
          (global.set $end (memory.size))
          (local.set $got (i32.add (local.get $got)
            (i32.mul (i32.const 16) (call $read (call $open_data) (i32.const 99)))))
          (if (i32.ne (memory.grow (i32.const 0)) (global.get $end)) (then (unreachable)))
          (call $proc_exit (local.get $got)))"#;
    let outcome = prepare(&module(GREEDY), 4 << 20)
        .run(surroundings(b"12345"), || {})
        .unwrap();
    assert_eq!(exit_code(&outcome), 5 + 16 * 5, "{outcome:?}");
    assert!(!outcome.memory_limit_hit);
}

#[test]
fn a_memory_limit_must_be_pages() {
    for memory_bytes in [0, 65535, 65537, (4 << 30) + 65536] {
        let config = SandboxConfig {
            memory_bytes,
            stack_bytes: adyton_sandbox::DEFAULT_STACK_BYTES,
            pages: std::sync::Arc::new(adyton_sandbox::OrdinaryPages),
        };
        assert!(matches!(
            adyton_sandbox::Sandbox::new(config),
            Err(SandboxError::MemoryLimit { .. })
        ));
    }
}
