use crate::world::{HELLO, HOLD, World};

/// A program that does nothing but what its `_start` says.
fn module(imports: &str, start: &str) -> Vec<u8> {
    let text = format!(
        "(module {imports} (memory (export \"memory\") 1) (data (i32.const 64) \"out/result\") \
         (func (export \"_start\") {start}))"
    );
    wat::parse_str(text).expect("the test's own step")
}

fn exits(code: i32) -> Vec<u8> {
    let import = "(import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))";
    module(import, &format!("(call $exit (i32.const {code}))"))
}

/// Grows until it gets no more, and then gives up.
fn swallows_memory() -> Vec<u8> {
    let start = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    module("", start)
}

/// Writes to its output for as long as it can, and then ends well.
fn writes_for_ever() -> Vec<u8> {
    let imports = "\
        (import \"wasi_snapshot_preview1\" \"path_open\" \
          (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))\
        (import \"wasi_snapshot_preview1\" \"fd_write\" \
          (func $write (param i32 i32 i32 i32) (result i32)))";
    let start = "\
        (drop (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 10) (i32.const 9) \
          (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 8)))\
        (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 8192))\
        (loop $more (br_if $more (i32.eqz \
          (call $write (i32.load (i32.const 8)) (i32.const 0) (i32.const 1) (i32.const 16)))))";
    module(imports, start)
}

#[test]
fn a_program_that_fails_leaves_nothing() {
    let world = World::new();
    let limits = "[limits]\nmemory = \"32MiB\"\ntime = \"1s\"\n";
    // How a program ends may tell of the data: it is said where the manifest lets it.
    let silent = "the program ended without success";
    let cases: [(Vec<u8>, &str, &str); 5] = [
        (exits(7), silent, "with exit code 7"),
        (module("", "unreachable"), silent, "unreachable"),
        (
            swallows_memory(),
            "more than its 33554432 bytes of memory",
            "bytes of memory",
        ),
        (
            writes_for_ever(),
            "`result` is longer than the manifest allows",
            "longer",
        ),
        (
            HOLD.to_vec(),
            "ran longer than the 1 s",
            "ran longer than the 1 s",
        ),
    ];
    for (module, without_debug, with_debug) in cases {
        for (debug, words) in [(false, without_debug), (true, with_debug)] {
            world.program("bad", &module, &[], &format!("debug = {debug}\n{limits}"));
            let said = world
                .adyton("run bad.adyton --out-dir out")
                .fails(3, &[words]);
            assert_eq!(
                said.err.contains("exit code 7"),
                debug && words.contains('7'),
                "{said:#?}"
            );
            assert!(world.home.names("out").is_empty(), "{said:#?}");
        }
    }
    // What an earlier run left stays, if the one that was to replace it fails.
    world.home.write("out/result.age", "earlier");
    world
        .adyton("run bad.adyton --out-dir out --force")
        .fails(3, &[]);
    assert_eq!(world.home.read("out/result.age"), b"earlier");
}

#[test]
fn a_program_that_ends_well_needs_no_input_and_no_broker() {
    let world = World::new();
    for module in [HELLO.to_vec(), exits(0), module("", "")] {
        world.program("good", &module, &[], "");
        world
            .adyton("run good.adyton --out-dir out --force --no-cache")
            .done();
        let opened = world
            .adyton("open out/result.age --identity study.key --out -")
            .done();
        assert_eq!(opened.out, "");
        let pins = world.pins();
        world
            .adyton(&format!(
                "receipt verify out/good.receipt --bundle good.adyton {pins}"
            ))
            .done();
    }
    assert!(!world.home.path(".cache").exists());
}

/// Makes a map that takes most of its 64 MiB, finds in it what it put there, and gets no second
/// one. Anything else ends it badly.
#[test]
fn a_program_has_oblivious_maps_in_its_enclave() {
    let imports = "\
        (import \"adyton:enclave/oblivious-map@0.1.0\" \"[static]map.create\" \
          (func $create (param i64 i32 i32 i32 i32)))\
        (import \"adyton:enclave/oblivious-map@0.1.0\" \"[method]map.put\" \
          (func $put (param i32 i32 i32 i32 i32 i32)))\
        (import \"adyton:enclave/oblivious-map@0.1.0\" \"[method]map.get\" \
          (func $get (param i32 i32 i32 i32)))\
        (global $free (mut i32) (i32.const 1024))\
        (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) (local $at i32)\
          (if (i32.gt_u (local.get 3) (i32.const 4096)) (then (return (i32.shl \
            (memory.grow (i32.shr_u (i32.add (local.get 3) (i32.const 65535)) (i32.const 16))) \
            (i32.const 16)))))\
          (local.set $at (global.get $free))\
          (global.set $free (i32.add (global.get $free) (i32.const 4096))) (local.get $at))";
    let start = "(local $map i32) \
        (call $create (i64.const 65536) (i32.const 0) (i32.const 8) (i32.const 8) (i32.const 0))\
        (if (i32.load8_u (i32.const 0)) (then unreachable))\
        (local.set $map (i32.load (i32.const 8)))\
        (call $create (i64.const 65536) (i32.const 0) (i32.const 8) (i32.const 8) (i32.const 0))\
        (if (i32.ne (i32.load8_u (i32.const 8)) (i32.const 2)) (then unreachable))\
        (i64.store (i32.const 32) (i64.const 7)) (i64.store (i32.const 40) (i64.const 70))\
        (call $put (local.get $map) (i32.const 32) (i32.const 8) (i32.const 40) (i32.const 8) \
          (i32.const 0))\
        (if (i32.load8_u (i32.const 8)) (then unreachable))\
        (call $get (local.get $map) (i32.const 32) (i32.const 8) (i32.const 0))\
        (if (i32.eqz (i32.load8_u (i32.const 8))) (then unreachable))\
        (if (i64.ne (i64.load (i32.load (i32.const 12))) (i64.const 70)) (then unreachable))";
    let world = World::new();
    let limits = "debug = true\n[limits]\nmemory = \"64MiB\"\n";
    world.program("maps", &module(imports, start), &[], limits);
    world.adyton("run maps.adyton --out-dir out").done();
}
