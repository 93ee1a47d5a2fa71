//! ptrace(2), request by request.

use std::ffi::{c_int, c_long, c_uint, c_void};
use std::io;
use std::mem::MaybeUninit;

use libc::pid_t;

/// Lets the parent trace the calling process.
pub(crate) fn trace_me() -> io::Result<()> {
    request(libc::PTRACE_TRACEME, 0, 0)
}

/// Traces a process without stopping it, so that nobody else can; with no option, so that it
/// outlives the caller.
pub(crate) fn seize(pid: pid_t) -> io::Result<()> {
    request(libc::PTRACE_SEIZE, pid, 0)
}

/// Options for a stopped tracee: it dies with its tracer, and what it starts is traced from birth.
pub(crate) fn bind(pid: pid_t) -> io::Result<()> {
    let options = libc::PTRACE_O_EXITKILL
        | libc::PTRACE_O_TRACECLONE
        | libc::PTRACE_O_TRACEFORK
        | libc::PTRACE_O_TRACEVFORK;
    request(libc::PTRACE_SETOPTIONS, pid, options)
}

/// Lets a stopped tracee go on, with a signal or none (0).
pub(crate) fn resume(pid: pid_t, signal: c_int) -> io::Result<()> {
    request(libc::PTRACE_CONT, pid, signal)
}

/// The signal at which a tracee stopped: its code, and the process that sent it.
pub(crate) fn signal_origin(pid: pid_t) -> io::Result<(c_int, pid_t)> {
    let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
    let nothing = std::ptr::null_mut::<c_void>();
    // SAFETY: `info` outlives the call and has room for a siginfo.
    let ret = unsafe { libc::ptrace(libc::PTRACE_GETSIGINFO, pid, nothing, info.as_mut_ptr()) };
    outcome(ret)?;
    // SAFETY: all-zero is a valid siginfo, and so is what the kernel wrote.
    let info = unsafe { info.assume_init() };
    // SAFETY: the field is there for every signal that a process sent; for others it is not looked at.
    let sender = unsafe { info.si_pid() };
    Ok((info.si_code, sender))
}

fn request(request: c_uint, pid: pid_t, data: c_int) -> io::Result<()> {
    let nothing = std::ptr::null_mut::<c_void>();
    // SAFETY: none of the requests above makes the kernel write to this process or to the tracee's memory.
    outcome(unsafe { libc::ptrace(request, pid, nothing, c_long::from(data)) })
}

fn outcome(ret: c_long) -> io::Result<()> {
    if ret == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
