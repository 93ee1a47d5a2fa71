//! What a locked-down process can ask of the kernel.

use std::ffi::c_long;
use std::process::ExitCode;

use crate::spawn::command;
use crate::{Test, say};

pub(crate) const TESTS: &[Test] = &[
    ("forbidden_calls_kill", forbidden_calls_kill),
    ("memory_is_refused_politely", memory_is_refused_politely),
    ("own_faults_are_handled", own_faults_are_handled),
];

/// Calls that must kill, each with the arguments of a harmless use.
const FORBIDDEN: &[(&str, c_long, [usize; 4])] = &[
    ("socket", libc::SYS_socket, [1, 1, 0, 0]),
    ("connect", libc::SYS_connect, [0, 0, 0, 0]),
    ("openat", libc::SYS_openat, [0, 0, 0, 0]),
    ("execve", libc::SYS_execve, [0, 0, 0, 0]),
    ("clone", libc::SYS_clone, [17, 0, 0, 0]),
    ("clone3", libc::SYS_clone3, [0, 0, 0, 0]),
    ("ptrace", libc::SYS_ptrace, [0, 0, 0, 0]),
    ("process_vm_readv", libc::SYS_process_vm_readv, [1, 0, 0, 0]),
    (
        "process_vm_writev",
        libc::SYS_process_vm_writev,
        [1, 0, 0, 0],
    ),
    ("pidfd_open", libc::SYS_pidfd_open, [1, 0, 0, 0]),
    ("pidfd_getfd", libc::SYS_pidfd_getfd, [0, 0, 0, 0]),
    ("io_uring_setup", libc::SYS_io_uring_setup, [1, 0, 0, 0]),
    ("memfd_create", libc::SYS_memfd_create, [0, 0, 0, 0]),
    ("memfd_secret", libc::SYS_memfd_secret, [0, 0, 0, 0]),
    ("dup", libc::SYS_dup, [0, 0, 0, 0]),
    ("sendmsg", libc::SYS_sendmsg, [0, 0, 0, 0]),
    ("recvmsg", libc::SYS_recvmsg, [0, 0, 0, 0]),
    ("prctl", libc::SYS_prctl, [4, 1, 0, 0]),
    ("seccomp", libc::SYS_seccomp, [1, 0, 0, 0]),
    ("kill-other", libc::SYS_kill, [1, 0, 0, 0]),
    ("tgkill-other", libc::SYS_tgkill, [1, 1, 0, 0]),
    ("mprotect-exec", libc::SYS_mprotect, [0, 4096, 5, 0]),
    ("setrlimit", libc::SYS_prlimit64, [0, 4, 8, 0]),
    ("fcntl-dup", libc::SYS_fcntl, [0, 0, 0, 0]),
];

/// In the enclave: one call that must not return.
pub(crate) fn forbidden(name: &str) -> ExitCode {
    if name == "memory" {
        return refused_memory();
    }
    let Some((_, number, [a, b, c, d])) = FORBIDDEN.iter().find(|each| each.0 == name) else {
        return ExitCode::from(99);
    };
    // SAFETY: the arguments name no memory of ours.
    unsafe { libc::syscall(*number, *a, *b, *c, *d) };
    ExitCode::SUCCESS
}

fn refused_memory() -> ExitCode {
    let (read, private) = (libc::PROT_READ, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a fresh mapping, if there were one.
    let mapped = unsafe { libc::mmap(std::ptr::null_mut(), 4096, read, private, -1, 0) };
    let refused = mapped == libc::MAP_FAILED
        && std::io::Error::last_os_error().raw_os_error() == Some(libc::EPERM);
    let region = adyton_shield::run_on_secret_stack(1 << 16, || ()).is_err();
    ExitCode::from(if refused && region { 0 } else { 98 })
}

/// In the enclave: a fault that its own handler takes, on the secret signal stack.
pub(crate) fn trap() -> ExitCode {
    extern "C" fn on_fault(_: libc::c_int) {
        // SAFETY: _exit may be called in a handler.
        unsafe { libc::_exit(42) }
    }
    // SAFETY: an all-zero sigaction is a valid one.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = on_fault as *const () as usize;
    action.sa_flags = libc::SA_ONSTACK;
    // SAFETY: the action outlives the call; the handler only exits.
    unsafe { libc::sigaction(libc::SIGSEGV, &raw const action, std::ptr::null_mut()) };
    let nowhere = std::ptr::without_provenance::<u8>(4096);
    // SAFETY: none; this is the fault that is wanted.
    ExitCode::from(unsafe { nowhere.read_volatile() })
}

fn forbidden_calls_kill() {
    for (name, _, _) in FORBIDDEN {
        let status = command(&format!("forbidden:{name}")).status();
        let code = status.expect("it starts").code();
        assert_eq!(code, Some(128 + libc::SIGSYS), "{name}");
    }
    say(&format!("  {} calls killed their enclave", FORBIDDEN.len()));
}

fn memory_is_refused_politely() {
    let status = command("forbidden:memory").status().expect("it starts");
    // The secret stack needs memfd_secret(2), which kills.
    assert_eq!(status.code(), Some(128 + libc::SIGSYS));
}

fn own_faults_are_handled() {
    let status = command("trap").status().expect("it starts");
    assert_eq!(status.code(), Some(42));
}
