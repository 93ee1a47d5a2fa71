use adyton_sandbox::{Ending, InputFile};

use crate::support::{Endless, exit_code, guest, module, prepare, run, surroundings, written};

const NOT_ALLOWED: u8 = 2;
const BAD_DESCRIPTOR: u8 = 8;
const EXISTS: u8 = 20;
const NO_ENTRY: u8 = 44;
const NO_SPACE: u8 = 51;
const NOT_PERMITTED: u8 = 63;
const READ_ONLY: u8 = 69;
const BAD_SEEK: u8 = 70;

#[test]
fn an_input_is_copied_to_an_output() {
    let data: Vec<u8> = (0..200_000_u32)
        .map(|i| i.to_le_bytes()[0] ^ 0x5a)
        .collect();
    let outcome = run(
        "(local $from i32) (local $to i32) (local $count i32)
         (local.set $from (call $open_data)) (local.set $to (call $open_result))
         (loop $more
           (local.set $count (call $read (local.get $from) (i32.const 100000)))
           (if (local.get $count) (then
             (call $write (local.get $to) (i32.const 65536) (local.get $count))
             (br $more))))",
        surroundings(&data),
    );
    assert!(outcome.succeeded(), "{outcome:?}");
    assert!(outcome.outputs[1].created);
    assert!(!outcome.outputs[0].created);
    assert_eq!(written(outcome, "result"), data);
}

#[test]
fn an_input_is_read_at_any_position_and_again() {
    let outcome = run(
        "(local $from i32) (local $to i32)
         (local.set $from (call $open_data)) (local.set $to (call $open_result))
         (call $seek (local.get $from) (i64.const 6))
         (call $write (local.get $to) (i32.const 65536) (call $read (local.get $from) (i32.const 3)))
         (call $seek (local.get $from) (i64.const 1))
         (call $write (local.get $to) (i32.const 65536) (call $read (local.get $from) (i32.const 2)))
         (call $seek (local.get $from) (i64.const 99))
         (call $write (local.get $to) (i32.const 65536) (call $read (local.get $from) (i32.const 2)))",
        surroundings(b"abcdefghi"),
    );
    assert!(outcome.succeeded(), "{outcome:?}");
    assert_eq!(written(outcome, "result"), b"ghibc");
}

#[test]
fn a_file_beyond_4_gib_goes_through_4_mib() {
    // From 3 MiB before 4 GiB to the end, 3 MiB after it. `Endless` sees to it that no buffer is
    // larger than 64 KiB.
    const START: u64 = (4 << 30) - (3 << 20);
    let size = (4 << 30) + (3 << 20) + 1;
    let mut host = surroundings(b"");
    host.inputs = vec![InputFile {
        name: "data".parse().unwrap(),
        size,
        data: Box::new(Endless {
            position: 0,
            broken_at: u64::MAX,
            ends_at: u64::MAX,
        }),
    }];
    let outcome = run(
        &format!(
            "(local $from i32) (local $count i32) (local $sum i64)
             (local.set $from (call $open_data))
             (call $seek (local.get $from) (i64.const {START}))
             (loop $more
               (local.set $count (call $read (local.get $from) (i32.const 131072)))
               (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (local.get $count))))
               (br_if $more (local.get $count)))
             (i64.store (i32.const 65536) (local.get $sum))
             (call $write (call $open_result) (i32.const 65536) (i32.const 8))"
        ),
        host,
    );
    assert!(outcome.succeeded(), "{outcome:?}");
    assert_eq!(written(outcome, "result"), (size - START).to_le_bytes());
}

#[test]
fn an_input_that_fails_ends_the_run() {
    for (broken_at, ends_at) in [(65536, u64::MAX), (u64::MAX, 65536)] {
        let mut host = surroundings(b"");
        host.inputs[0].size = 1 << 20;
        host.inputs[0].data = Box::new(Endless {
            position: 0,
            broken_at,
            ends_at,
        });
        // The guest would go on after an error number.
        let outcome = run(
            "(local $from i32)
             (local.set $from (call $open_data))
             (drop (call $read (local.get $from) (i32.const 65536)))
             (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 9))
             (drop (call $fd_read (local.get $from) (i32.const 0) (i32.const 1) (i32.const 8)))",
            host,
        );
        let Ending::FileFailed(failure) = &outcome.ending else {
            panic!("{outcome:?}");
        };
        assert_eq!(failure.path, "/in/data");
        assert!(!outcome.succeeded());
    }
}

#[test]
fn an_output_that_fails_ends_the_run() {
    let mut host = surroundings(b"");
    host.outputs[1].sink = Box::new(std::io::Cursor::new([0_u8; 3]));
    let outcome = run(
        "(call $write (call $open_result) (i32.const 1088) (i32.const 6))",
        host,
    );
    assert!(matches!(&outcome.ending, Ending::FileFailed(f) if f.path == "/out/result"));
}

#[test]
fn an_output_beyond_its_limit_is_cut_off_and_said_so() {
    let mut host = surroundings(b"");
    host.outputs[1].max_bytes = 11;
    let outcome = run(
        "(local $to i32)
         (local.set $to (call $open_result))
         (call $write (local.get $to) (i32.const 1088) (i32.const 6))
         (call $write (local.get $to) (i32.const 1088) (i32.const 5))
         (call $write (local.get $to) (i32.const 1088) (i32.const 1))",
        host,
    );
    assert_eq!(exit_code(&outcome), NO_SPACE);
    assert!(outcome.outputs[1].limit_hit);
    assert!(!outcome.succeeded());
    assert_eq!(written(outcome, "result"), b"hello\nhello");
}

#[test]
fn a_guest_that_ignores_its_limit_has_still_failed() {
    let mut host = surroundings(b"");
    host.outputs[1].max_bytes = 1;
    let outcome = run(
        "(drop (call $open_result))
         (i32.store (i32.const 0) (i32.const 1088)) (i32.store (i32.const 4) (i32.const 6))
         (drop (call $fd_write (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 8)))",
        host,
    );
    assert_eq!(exit_code(&outcome), 0);
    assert!(!outcome.succeeded());
}

#[test]
fn an_output_is_written_in_order_only() {
    let back = run(
        "(local $to i32)
         (local.set $to (call $open_result))
         (call $write (local.get $to) (i32.const 1088) (i32.const 6))
         (call $seek (local.get $to) (i64.const 2))
         (call $write (local.get $to) (i32.const 1088) (i32.const 1))",
        surroundings(b""),
    );
    assert_eq!(exit_code(&back), BAD_SEEK);
    assert_eq!(written(back, "result"), b"hello\n");
    let again = run(
        "(call $write (call $open_result) (i32.const 1088) (i32.const 6))
         (drop (call $open_result))",
        surroundings(b""),
    );
    assert_eq!(exit_code(&again), NOT_PERMITTED);
    let appended = run(
        "(local $to i32)
         (call $write (call $open_result) (i32.const 1088) (i32.const 6))
         (call $must (call $path_open (i32.const 3) (i32.const 0) (i32.const 1040) (i32.const 10)
           (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 1) (i32.const 16)))
         (call $write (i32.load (i32.const 16)) (i32.const 1088) (i32.const 5))",
        surroundings(b""),
    );
    assert_eq!(exit_code(&appended), 0);
    assert_eq!(written(appended, "result"), b"hello\nhello");
    let read = run(
        "(drop (call $read (call $open_result) (i32.const 1)))",
        surroundings(b""),
    );
    assert_eq!(exit_code(&read), BAD_DESCRIPTOR);
}

/// Runs one guest that makes all these calls, and gives their error numbers.
fn error_numbers(fields: &str, calls: &[String]) -> Vec<u8> {
    let mut body = String::new();
    for (at, call) in calls.iter().enumerate() {
        body += &format!("(i32.store8 (i32.const {}) (call {call}))", 65536 + at);
    }
    let component = module(&format!(
        r#"{fields} (func (export "_start") {body}
             (call $write (call $open_result) (i32.const 65536) (i32.const {})))"#,
        calls.len()
    ));
    let outcome = prepare(&component, 4 << 20)
        .run(surroundings(b""), || {})
        .expect("it starts");
    assert!(outcome.succeeded(), "{outcome:?}");
    written(outcome, "result")
}

#[test]
fn what_is_not_there_cannot_be_opened_or_made() {
    let cases = [
        ("in/none", 0, 2, NO_ENTRY),
        ("etc/passwd", 0, 2, NO_ENTRY),
        ("out/other", 0, 64, NO_ENTRY),
        ("out/none", 1, 64, NOT_ALLOWED),
        ("in/new", 1, 64, READ_ONLY),
        ("new", 1, 64, READ_ONLY),
        ("in/data", 0, 64, READ_ONLY),
        ("in/data", 5, 2, EXISTS),
        ("out/other", 5, 64, 0),
        ("out/other", 5, 64, EXISTS),
        ("in/../in/./data", 0, 2, 0),
        ("in", 2, 2, 0),
    ];
    let mut fields = String::new();
    let mut calls = Vec::new();
    for (index, (path, how, rights, _)) in cases.iter().enumerate() {
        let (at, length) = (2048 + 32 * index, path.len());
        fields += &format!(r#"(data (i32.const {at}) "{path}")"#);
        calls.push(format!(
            "$try_open (i32.const {at}) (i32.const {length}) (i32.const {how}) (i64.const {rights})"
        ));
    }
    let expected = cases.map(|(_, _, _, expected)| expected);
    assert_eq!(error_numbers(&fields, &calls), expected);
}

#[test]
fn nothing_is_removed_or_made() {
    let calls = [
        "$path_unlink_file (i32.const 3) (i32.const 1024) (i32.const 7)",
        "$path_unlink_file (i32.const 3) (i32.const 1056) (i32.const 9)",
        "$path_create_directory (i32.const 3) (i32.const 1072) (i32.const 2)",
        "$path_create_directory (i32.const 3) (i32.const 1056) (i32.const 9)",
    ];
    let expected = [READ_ONLY, NO_ENTRY, EXISTS, READ_ONLY];
    assert_eq!(error_numbers("", &calls.map(str::to_owned)), expected);
}

#[test]
fn directories_list_what_exists() {
    let list = |path: u32, length: u32| {
        format!(
            "(local $to i32)
             (local.set $to (call $open_result))
             (call $must (call $fd_readdir
               (call $open (i32.const {path}) (i32.const {length}) (i32.const 2) (i64.const 16384))
               (i32.const 65536) (i32.const 4096) (i64.const 0) (i32.const 8)))
             (call $write (local.get $to) (i32.const 65536) (i32.load (i32.const 8)))"
        )
    };
    let names = |path, length| {
        let outcome = run(&list(path, length), surroundings(b"x"));
        assert!(outcome.succeeded(), "{outcome:?}");
        let bytes = written(outcome, "result");
        // Each entry: next cookie u64, inode u64, name length u32, kind u8, 3 spare, name.
        let mut names = Vec::new();
        let mut rest = &bytes[..];
        while rest.len() >= 24 {
            let length = u32::from_le_bytes(rest[16..20].try_into().unwrap()) as usize;
            names.push(String::from_utf8(rest[24..24 + length].to_vec()).unwrap());
            rest = &rest[24 + length..];
        }
        names
    };
    assert_eq!(names(1072, 2), [".", "..", "data"]);
    // `other` is declared, but not made.
    assert_eq!(names(1076, 3), [".", "..", "result"]);
}

#[test]
fn stat_knows_size_and_kind() {
    // filestat: kind at 16, size at 32.
    let outcome = prepare(
        &guest(
            "(call $must (call $path_filestat_get
               (i32.const 3) (i32.const 0) (i32.const 1024) (i32.const 7) (i32.const 65536)))
             (if (i32.ne (i32.load8_u (i32.const 65552)) (i32.const 4)) (then unreachable))
             (call $proc_exit (i32.load (i32.const 65568)))",
        ),
        4 << 20,
    )
    .run(surroundings(&[0; 77]), || {})
    .unwrap();
    assert_eq!(exit_code(&outcome), 77);
}
