use std::time::Duration;

use adyton_sandbox::{Clock, HostClock};

use crate::support::{exit_code, run, surroundings, written};

#[test]
fn arguments_and_environment_are_what_was_given() {
    let mut host = surroundings(b"");
    host.args = vec!["name".to_owned(), "two words".to_owned()];
    host.env = vec![("A".to_owned(), "1".to_owned())];
    let outcome = run(
        "(local $to i32)
         (local.set $to (call $open_result))
         (call $must (call $args_sizes_get (i32.const 0) (i32.const 4)))
         (call $must (call $args_get (i32.const 8192) (i32.const 65536)))
         (call $write (local.get $to) (i32.const 65536) (i32.load (i32.const 4)))
         (call $must (call $environ_sizes_get (i32.const 0) (i32.const 4)))
         (call $must (call $environ_get (i32.const 8192) (i32.const 65536)))
         (call $write (local.get $to) (i32.const 65536) (i32.load (i32.const 4)))",
        host,
    );
    assert!(outcome.succeeded(), "{outcome:?}");
    let text = written(outcome, "result");
    assert_eq!(&text[..15], b"name\0two words\0");
    assert_eq!(&text[15..], b"A=1\0");
}

const BOTH_CLOCKS: &str = "
    (call $must (call $clock_time_get (i32.const 0) (i64.const 1) (i32.const 65536)))
    (call $must (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 65544)))
    (call $write (call $open_result) (i32.const 65536) (i32.const 16))";

/// A subscription to the monotonic clock, 1 ms from now.
const SLEEP: &str = "
    (i64.store (i32.const 70000) (i64.const 7))
    (i32.store8 (i32.const 70008) (i32.const 0))
    (i32.store (i32.const 70016) (i32.const 1))
    (i64.store (i32.const 70024) (i64.const 1000000))
    (i64.store (i32.const 70032) (i64.const 1))
    (call $must (call $poll_oneoff (i32.const 70000) (i32.const 71000) (i32.const 1) (i32.const 8)))";

fn times(bytes: &[u8]) -> (u64, u64) {
    let at = |from: usize| u64::from_le_bytes(bytes[from..from + 8].try_into().expect("8 bytes"));
    (at(0), at(8))
}

#[test]
fn without_a_clock_time_stands_still_and_sleepers_wake() {
    let outcome = run(&format!("{SLEEP} {BOTH_CLOCKS}"), surroundings(b""));
    assert!(outcome.succeeded(), "{outcome:?}");
    assert_eq!(times(&written(outcome, "result")), (0, 1));
}

/// A clock that goes only while one sleeps.
struct Sleepy(std::cell::Cell<u64>);

impl HostClock for Sleepy {
    fn wall(&self) -> Duration {
        Duration::from_secs(1_000)
    }

    fn monotonic(&self) -> u64 {
        self.0.get()
    }

    fn sleep(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).expect("a short time");
        self.0.set(self.0.get() + nanos);
    }
}

#[test]
fn with_a_clock_sleep_takes_its_time() {
    let mut host = surroundings(b"");
    host.clock = Clock::Host(Box::new(Sleepy(std::cell::Cell::new(5))));
    let outcome = run(&format!("{SLEEP} {BOTH_CLOCKS}"), host);
    assert!(outcome.succeeded(), "{outcome:?}");
    assert_eq!(
        times(&written(outcome, "result")),
        (1_000_000_000_000, 1_000_005)
    );
}

#[test]
fn random_bytes_are_fresh() {
    let random = || {
        let outcome = run(
            "(call $must (call $random_get (i32.const 65536) (i32.const 32)))
             (call $write (call $open_result) (i32.const 65536) (i32.const 32))",
            surroundings(b""),
        );
        written(outcome, "result")
    };
    assert_ne!(random(), random());
}

#[test]
fn standard_output_goes_to_its_output_or_nowhere() {
    const HELLO: &str = "(call $write (i32.const 1) (i32.const 1088) (i32.const 6))
         (call $write (i32.const 2) (i32.const 1088) (i32.const 1))";
    let mut host = surroundings(b"");
    host.stdout = Some("result".parse().unwrap());
    let outcome = run(HELLO, host);
    assert!(outcome.succeeded());
    assert_eq!(written(outcome, "result"), b"hello\n");
    let dropped = run(HELLO, surroundings(b""));
    assert!(dropped.succeeded());
    assert!(dropped.outputs.iter().all(|output| output.written == 0));
}

#[test]
fn standard_input_is_empty() {
    let outcome = run(
        "(call $proc_exit (call $read (i32.const 0) (i32.const 5)))",
        surroundings(b""),
    );
    assert_eq!(exit_code(&outcome), 0);
}

#[test]
fn a_standard_stream_without_its_output_is_refused() {
    let mut host = surroundings(b"");
    host.stderr = Some("none".parse().unwrap());
    let prepared = crate::support::prepare(&crate::support::guest(""), 4 << 20);
    assert!(matches!(
        prepared.run(host, || {}),
        Err(adyton_sandbox::SandboxError::NoSuchOutput { .. })
    ));
}
