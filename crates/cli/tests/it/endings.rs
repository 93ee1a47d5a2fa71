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
