//! Enclave, guardian and runner live and die together.

use std::os::unix::process::ExitStatusExt as _;

use adyton_shield::EXIT_TIME_LIMIT;

use crate::Test;
use crate::spawn::{Victim, Watched, command, kill};

pub(crate) const TESTS: &[Test] = &[
    (
        "the_enclave_dies_with_its_guardian",
        the_enclave_dies_with_its_guardian,
    ),
    (
        "the_guardian_ends_with_its_enclave",
        the_guardian_ends_with_its_enclave,
    ),
    ("both_die_with_the_runner", both_die_with_the_runner),
    (
        "the_time_limit_ends_the_enclave",
        the_time_limit_ends_the_enclave,
    ),
    ("the_exit_code_is_passed_on", the_exit_code_is_passed_on),
    ("a_request_to_end_is_heeded", a_request_to_end_is_heeded),
    ("stopping_it_does_nothing", stopping_it_does_nothing),
];

const SOON: i32 = 5_000;

fn the_enclave_dies_with_its_guardian() {
    let victim = Victim::start("hold");
    let target = victim.target();
    let enclave = Watched::process(target.pid);
    kill(target.guardian.expect("it has one"), libc::SIGKILL);
    assert!(enclave.ends_within(SOON));
}

fn the_guardian_ends_with_its_enclave() {
    let victim = Victim::start("hold");
    kill(victim.target().pid, libc::SIGKILL);
    assert_eq!(victim.wait().code(), Some(128 + libc::SIGKILL));
}

fn both_die_with_the_runner() {
    let mut runner = Victim::start("runner");
    let target = runner.target();
    let enclave = Watched::process(target.pid);
    let guardian = Watched::process(target.guardian.expect("it has one"));
    runner.child.kill().expect("it is our child");
    assert!(enclave.ends_within(SOON) && guardian.ends_within(SOON));
}

fn the_time_limit_ends_the_enclave() {
    let status = command("slow").status().expect("it starts");
    assert_eq!(status.code(), Some(EXIT_TIME_LIMIT.into()));
}

fn the_exit_code_is_passed_on() {
    for code in [0, 1, 77] {
        let status = command(&format!("exit:{code}")).status();
        assert_eq!(status.expect("it starts").code(), Some(code));
    }
    let status = command("abort").status().expect("it starts");
    assert_eq!(status.code(), Some(128 + libc::SIGABRT));
}

fn a_request_to_end_is_heeded() {
    let victim = Victim::start("hold");
    kill(victim.target().pid, libc::SIGTERM);
    assert_eq!(victim.wait().code(), Some(128 + libc::SIGTERM));
    let victim = Victim::start("hold");
    kill(victim.child.id(), libc::SIGINT);
    let status = victim.wait();
    assert_eq!(
        (status.code(), status.signal()),
        (Some(128 + libc::SIGINT), None)
    );
}

fn stopping_it_does_nothing() {
    let victim = Victim::start("hold");
    for signal in [libc::SIGSTOP, libc::SIGUSR1, libc::SIGFPE] {
        kill(victim.target().pid, signal);
    }
    assert_eq!(victim.finish().code(), Some(0));
}
