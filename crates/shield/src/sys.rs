//! The few system calls that libc has no wrapper for, or whose wrapper wants pointers: each as one safe function.

use std::ffi::{c_int, c_ulong};
use std::io;
use std::time::Duration;

/// A `-1` becomes the error that `errno` names.
pub(crate) fn check(ret: c_int) -> io::Result<c_int> {
    if ret == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(ret)
    }
}

/// Bytes in a page.
pub(crate) fn page_size() -> usize {
    // SAFETY: sysconf takes no pointer.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(bytes).unwrap_or(4096)
}

/// `bytes` rounded up to whole pages, or `usize::MAX` rounded down to them.
pub(crate) fn whole_pages(bytes: usize) -> usize {
    let page = page_size();
    bytes
        .checked_next_multiple_of(page)
        .unwrap_or(usize::MAX - (usize::MAX % page))
}

/// prctl(2) with one argument that is a number.
pub(crate) fn prctl(option: c_int, argument: c_ulong) -> io::Result<c_int> {
    let none: c_ulong = 0;
    // SAFETY: every option used in this crate takes plain numbers only.
    check(unsafe { libc::prctl(option, argument, none, none, none) })
}

/// Makes the process undumpable, or dumpable: whether it dumps core, and who may attach to it.
pub(crate) fn set_dumpable(dumpable: bool) -> io::Result<()> {
    prctl(libc::PR_SET_DUMPABLE, c_ulong::from(dumpable)).map(drop)
}

/// Whether the process is dumpable.
pub(crate) fn is_dumpable() -> io::Result<bool> {
    prctl(libc::PR_GET_DUMPABLE, 0).map(|value| value != 0)
}

/// Sets the size limit of core files to zero, for good.
pub(crate) fn forbid_core_files() -> io::Result<()> {
    let limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` outlives the call.
    check(unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const limit) }).map(drop)
}

/// The soft limit of a resource.
pub(crate) fn soft_limit(resource: libc::__rlimit_resource_t) -> io::Result<u64> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` outlives the call.
    check(unsafe { libc::getrlimit(resource, &raw mut limit) })?;
    Ok(limit.rlim_cur)
}

/// The calling process.
pub(crate) fn own_pid() -> libc::pid_t {
    // SAFETY: getpid takes no argument and cannot fail.
    unsafe { libc::getpid() }
}

/// The parent of the calling process.
pub(crate) fn parent_pid() -> libc::pid_t {
    // SAFETY: getppid takes no argument and cannot fail.
    unsafe { libc::getppid() }
}

/// kill(2).
pub(crate) fn kill(pid: libc::pid_t, signal: c_int) -> io::Result<()> {
    // SAFETY: kill takes no pointer.
    check(unsafe { libc::kill(pid, signal) }).map(drop)
}

/// Gives a signal its default action. A shell starts what runs in the background with some ignored.
pub(crate) fn default_action(signal: c_int) {
    // SAFETY: the default action runs no code of ours, so no handler can be unsound.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}

/// waitpid(2) for any child and any thread of a tracee; `None` if `WNOHANG` is in `flags` and none has news.
pub(crate) fn wait_any(flags: c_int) -> io::Result<Option<(libc::pid_t, c_int)>> {
    wait(-1, flags | libc::__WALL)
}

/// waitpid(2).
pub(crate) fn wait(pid: libc::pid_t, flags: c_int) -> io::Result<Option<(libc::pid_t, c_int)>> {
    let mut status = 0;
    loop {
        // SAFETY: `status` outlives the call.
        match check(unsafe { libc::waitpid(pid, &raw mut status, flags) }) {
            Ok(0) => return Ok(None),
            Ok(who) => return Ok(Some((who, status))),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A set of all signals.
pub(crate) fn all_signals() -> libc::sigset_t {
    // SAFETY: an all-zero sigset_t is a valid (empty) one.
    let mut set = unsafe { std::mem::zeroed() };
    // SAFETY: `set` is a valid set that outlives the call.
    unsafe { libc::sigfillset(&raw mut set) };
    set
}

/// A set of these signals.
pub(crate) fn signals(numbers: &[c_int]) -> libc::sigset_t {
    // SAFETY: an all-zero sigset_t is a valid (empty) one.
    let mut set = unsafe { std::mem::zeroed() };
    for &number in numbers {
        // SAFETY: `set` is a valid set that outlives the call.
        unsafe { libc::sigaddset(&raw mut set, number) };
    }
    set
}

/// Sets the calling thread's mask of blocked signals; returns the old one.
pub(crate) fn block_signals(set: &libc::sigset_t) -> libc::sigset_t {
    let mut old = signals(&[]);
    // SAFETY: both sets outlive the call.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::from_ref(set), &raw mut old) };
    old
}

/// Waits for one of the (blocked) signals; `None` if none came in time.
pub(crate) fn wait_for_signal(set: &libc::sigset_t, longest: Duration) -> Option<c_int> {
    let timeout = libc::timespec {
        tv_sec: longest.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: longest.subsec_nanos().into(),
    };
    // SAFETY: both pointers outlive the call; no siginfo is asked for.
    check(unsafe {
        libc::sigtimedwait(
            std::ptr::from_ref(set),
            std::ptr::null_mut(),
            &raw const timeout,
        )
    })
    .ok()
}

/// A monotonic clock's reading; works without the vDSO too.
pub(crate) fn monotonic() -> Duration {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `now` outlives the call.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    Duration::new(
        now.tv_sec.try_into().unwrap_or(0),
        now.tv_nsec.try_into().unwrap_or(0),
    )
}

/// Ends the process at once: no destructor, no handler.
pub(crate) fn exit_now(code: u8) -> ! {
    // SAFETY: _exit does not return and touches no memory.
    unsafe { libc::_exit(code.into()) }
}
