//! Every attack on an enclave fails; the same attacks on an ordinary process succeed.

use std::time::Duration;

use adyton_memprobe::{Attack, Outcome, Verdict, attack_all, force_crash, scan_plain};

use crate::spawn::{Victim, needle};
use crate::{Test, say};

pub(crate) const TESTS: &[Test] = &[
    (
        "no_attack_on_an_enclave_succeeds",
        no_attack_on_an_enclave_succeeds,
    ),
    (
        "every_attack_on_an_ordinary_process_succeeds",
        every_attack_on_an_ordinary_process_succeeds,
    ),
    (
        "a_forced_crash_leaves_no_core",
        a_forced_crash_leaves_no_core,
    ),
];

fn no_attack_on_an_enclave_succeeds() {
    let victim = Victim::start("hold");
    let target = victim.target();
    assert_eq!(
        victim.said.get(3).map(String::as_str),
        Some("landlock,no-core,seccomp,secret-memory,traced")
    );
    let needle = needle();
    for outcome in attack_all(target, &needle) {
        say(&format!("  enclave: {outcome}"));
        assert!(!outcome.leaked(), "{outcome}");
    }
    for pid in [Some(target.pid), target.guardian].into_iter().flatten() {
        // A user other than root may not even try.
        if let Ok(scan) = scan_plain(pid, &needle) {
            let (read, mapped) = (scan.bytes_read >> 10, scan.bytes_mapped >> 10);
            say(&format!(
                "  process {pid}: {read} of {mapped} KiB can be read"
            ));
            assert_eq!(scan.found, None);
        }
    }
    assert!(
        victim.finish().success(),
        "the enclave outlives the attacks"
    );
}

fn every_attack_on_an_ordinary_process_succeeds() {
    let victim = Victim::start("control");
    let target = victim.target();
    for outcome in attack_all(target, &needle()) {
        say(&format!("  ordinary: {outcome}"));
        if outcome.attack != Attack::Guardian {
            must_leak(&outcome);
        }
    }
    assert!(victim.finish().success(), "an attack is not noticed");
}

/// Only what is not installed, or what this user may not try, excuses an attack; where everything
/// has to be tested, nothing does.
fn must_leak(outcome: &Outcome) {
    match &outcome.verdict {
        Verdict::Leaked { .. } => {}
        Verdict::NotRun { reason } => {
            let excused = std::env::var_os("CI").is_none() || !crate::spawn::is_root();
            assert!(excused, "{outcome}");
            say(&format!("  {} was not run: {reason}", outcome.attack));
        }
        Verdict::Blocked { .. } if !crate::spawn::is_root() => {
            say(&format!("  not root, so: {outcome}"));
        }
        Verdict::Blocked { .. } => panic!("a test that finds nothing proves nothing: {outcome}"),
    }
}

fn a_forced_crash_leaves_no_core() {
    let patience = Duration::from_millis(100);
    for signal in [libc::SIGSEGV, libc::SIGABRT] {
        let victim = Victim::start("hold");
        let outcome = force_crash(victim.target().pid, &needle(), signal, patience);
        say(&format!("  enclave: {outcome}"));
        assert!(outcome.blocked() || matches!(outcome.verdict, Verdict::NotRun { .. }));
        assert!(victim.finish().success(), "nobody can forge a fault");
    }
    let control = Victim::start("control");
    let outcome = force_crash(
        control.target().pid,
        &needle(),
        libc::SIGABRT,
        Duration::from_secs(5),
    );
    say(&format!("  ordinary: {outcome}"));
    must_leak(&outcome);
}
