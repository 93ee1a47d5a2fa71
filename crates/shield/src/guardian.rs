//! What the guardian does: it waits for its enclave, passes signals on, and ends it in time. While
//! the enclave works it locks the executable's pages in memory.
//!
//! Root can write into any process's code, the guardian's too. So its filter leaves it nothing
//! that could be turned against the enclave: it can let it go on, and it can kill it.

use std::ffi::c_int;
use std::io;
use std::time::Duration;

use libc::pid_t;

use crate::executable::{Executable, ToPin};
use crate::filter::{self, Calls, When};
use crate::sys::{self, exit_now};
use crate::{descriptors, ptrace};

/// Exit code of an enclave that was ended because its time was up, as of timeout(1).
pub const EXIT_TIME_LIMIT: u8 = 124;

/// Exit code of a guardian that could not take up its duty; the enclave is dead then.
pub const EXIT_NO_GUARDIAN: u8 = 70;

/// Signals by which somebody asks a program to end.
const REQUESTS_TO_END: [c_int; 4] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT];

/// How long the enclave has to leave its guardian alone before it locks a piece of the executable:
/// starting and locking are not to stand in each other's way.
const QUIET: Duration = Duration::from_millis(2);

/// Guards the child `enclave` until it ends, and ends with its status. All signals are blocked.
pub(crate) fn guard(enclave: pid_t, deadline: Duration) -> ! {
    let mut to_pin = match take_up_duty(enclave) {
        Ok(Taken::Up(to_pin)) => to_pin,
        Ok(Taken::Ended(status)) => exit_now(exit_code(status)),
        Err(_) => {
            let _ = sys::kill(enclave, libc::SIGKILL);
            exit_now(EXIT_NO_GUARDIAN)
        }
    };
    let mut ended_with = None;
    loop {
        while let Ok(Some((tid, status))) = sys::wait_any(libc::WNOHANG) {
            match news(enclave, tid, status) {
                News::GoOn(signal) => {
                    // It may have been killed meanwhile; then the next wait says so.
                    let _ = ptrace::resume(tid, signal);
                }
                News::None => {}
                News::AskedToEnd(signal) => end(enclave, &mut ended_with, asked(signal)),
                News::Ended => exit_now(ended_with.unwrap_or_else(|| exit_code(status))),
            }
        }
        let wait_for = [libc::SIGCHLD].into_iter().chain(REQUESTS_TO_END);
        let wait_for: [c_int; 5] = collect(wait_for);
        let left = deadline.saturating_sub(sys::monotonic());
        if left.is_zero() {
            end(enclave, &mut ended_with, EXIT_TIME_LIMIT);
        }
        let left = if ended_with.is_some() {
            Duration::from_secs(1)
        } else {
            left
        };
        let left = to_pin.as_ref().map_or(left, |_| left.min(QUIET));
        match sys::wait_for_signal(&sys::signals(&wait_for), left) {
            Some(libc::SIGCHLD) => {}
            None => to_pin = to_pin.take().and_then(ToPin::pin_some),
            Some(signal) => end(enclave, &mut ended_with, asked(signal)),
        }
    }
}

fn collect<const N: usize>(signals: impl Iterator<Item = c_int>) -> [c_int; N] {
    let mut array = [libc::SIGCHLD; N];
    for (slot, signal) in array.iter_mut().zip(signals) {
        *slot = signal;
    }
    array
}

fn end(enclave: pid_t, ended_with: &mut Option<u8>, code: u8) {
    let _ = sys::kill(enclave, libc::SIGKILL);
    ended_with.get_or_insert(code);
}

/// How taking up duty went.
enum Taken {
    /// The enclave is guarded; what is left to be pinned.
    Up(Option<ToPin>),
    /// The enclave ended before, with this status.
    Ended(c_int),
}

/// Takes the enclave on at its first stop, and shuts itself in at its second.
fn take_up_duty(enclave: pid_t) -> io::Result<Taken> {
    if let Some(status) = wait_for_stop(enclave)? {
        return Ok(Taken::Ended(status));
    }
    ptrace::bind(enclave)?;
    // Yama's scope 1 lets only a parent attach, unless it is told otherwise. Without Yama there is nothing to tell.
    let may_attach = enclave.try_into().map_err(io::Error::other)?;
    let _ = sys::prctl(libc::PR_SET_PTRACER, may_attach);
    ptrace::resume(enclave, 0)?;

    if let Some(status) = wait_for_stop(enclave)? {
        return Ok(Taken::Ended(status));
    }
    // Whoever may not, or has no /proc, goes without.
    let to_pin = Executable::open().and_then(|executable| executable.to_pin());
    sys::set_dumpable(false)?;
    descriptors::close_inherited(&[])?;
    filter::install(&filter::allow_only(calls(enclave)?)?)?;
    ptrace::resume(enclave, 0)?;
    Ok(Taken::Up(to_pin.ok().flatten()))
}

fn wait_for_stop(enclave: pid_t) -> io::Result<Option<c_int>> {
    match sys::wait(enclave, libc::__WALL)? {
        Some((_, status)) if libc::WIFSTOPPED(status) => Ok(None),
        Some((_, status)) => Ok(Some(status)),
        None => Err(io::ErrorKind::NotFound.into()),
    }
}

/// All that a guardian may ask of the kernel.
fn calls(enclave: pid_t) -> io::Result<Calls> {
    let enclave = enclave.try_into().map_err(io::Error::other)?;
    let kill = u32::try_from(libc::SIGKILL).map_err(io::Error::other)?;
    let mut calls = Calls::new();
    filter::any_argument(
        &mut calls,
        &[
            libc::SYS_wait4,
            libc::SYS_rt_sigtimedwait,
            libc::SYS_clock_gettime,
            libc::SYS_mlock,
            libc::SYS_restart_syscall,
            libc::SYS_exit,
            libc::SYS_exit_group,
        ],
    );
    calls.insert(
        libc::SYS_ptrace,
        vec![
            vec![When::Is(0, libc::PTRACE_CONT)],
            vec![When::Is(0, libc::PTRACE_GETSIGINFO)],
        ],
    );
    calls.insert(
        libc::SYS_kill,
        vec![vec![When::Is(0, enclave), When::Is(1, kill)]],
    );
    Ok(calls)
}

enum News {
    /// A thread stopped and goes on, with a signal or none (0).
    GoOn(c_int),
    /// A thread that is not the last ended.
    None,
    /// Somebody outside asks the enclave to end.
    AskedToEnd(c_int),
    /// The enclave ended.
    Ended,
}

fn news(enclave: pid_t, tid: pid_t, status: c_int) -> News {
    if !libc::WIFSTOPPED(status) {
        return if tid == enclave {
            News::Ended
        } else {
            News::None
        };
    }
    let signal = libc::WSTOPSIG(status);
    let is_event = status >> 16 != 0;
    if is_event || is_stop(signal) {
        return News::GoOn(0);
    }
    match ptrace::signal_origin(tid) {
        Ok(origin) => judge(enclave, signal, origin),
        // Killed while stopped: the next wait says so.
        Err(_) => News::None,
    }
}

/// A new thread's first stop, or an attempt from outside to halt the enclave.
const fn is_stop(signal: c_int) -> bool {
    matches!(
        signal,
        libc::SIGSTOP | libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU
    )
}

/// Only the enclave's own faults and its own signals reach it. A forged SIGSEGV would run its trap
/// handler at a moment of an attacker's choice; the kernel lets nobody forge the code of a fault,
/// nor the sender of a `SI_USER` or `SI_TKILL`.
fn judge(enclave: pid_t, signal: c_int, (code, sender): (c_int, pid_t)) -> News {
    let is_own = matches!(code, libc::SI_USER | libc::SI_TKILL) && sender == enclave;
    if is_own {
        News::GoOn(signal)
    } else if REQUESTS_TO_END.contains(&signal) {
        News::AskedToEnd(signal)
    } else if code > 0 {
        News::GoOn(signal)
    } else {
        News::GoOn(0)
    }
}

/// Exit code of something that a signal ended, as shells have it.
fn asked(signal: c_int) -> u8 {
    u8::try_from(signal).map_or(u8::MAX, |signal| 128 | signal)
}

fn exit_code(status: c_int) -> u8 {
    if libc::WIFSIGNALED(status) {
        asked(libc::WTERMSIG(status))
    } else {
        u8::try_from(libc::WEXITSTATUS(status)).unwrap_or(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_faults_and_own_signals_reach_the_enclave() {
        let passes = |signal, origin| matches!(judge(100, signal, origin), News::GoOn(s) if s != 0);
        let (fault, user) = (1, libc::SI_USER);
        assert!(passes(libc::SIGSEGV, (fault, 0)));
        assert!(passes(libc::SIGFPE, (fault, 0)));
        assert!(passes(libc::SIGABRT, (libc::SI_TKILL, 100)));
        assert!(!passes(libc::SIGSEGV, (user, 1)));
        assert!(!passes(libc::SIGSEGV, (libc::SI_QUEUE, 100)));
        assert!(matches!(
            judge(100, libc::SIGTERM, (user, 1)),
            News::AskedToEnd(libc::SIGTERM)
        ));
    }
}
