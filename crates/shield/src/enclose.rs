use std::fs;
use std::io;
use std::time::Duration;

use adyton_types::ErrorClass;
use thiserror::Error;

use crate::guardian::guard;
use crate::{maps, ptrace, sys};

/// Why a process did not become an enclave.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EncloseError {
    /// The process has threads that a fork would lose, or that are not known to be traced.
    #[error("the process has {0} threads: enclose it before it starts any, and start one at most")]
    Threads(u64),
    /// A system call failed.
    #[error("{call} failed")]
    System {
        /// Its name.
        call: &'static str,
        /// What it said.
        source: io::Error,
    },
    /// Somebody traces the process already.
    #[error("the process is traced by somebody else: start it without a debugger")]
    TracedByOther(#[source] io::Error),
    /// The enclave may not trace its guardian.
    #[error(
        "the enclave may not trace its guardian: no debugger may be attached, and `kernel.yama.ptrace_scope` must be 0 or 1"
    )]
    Guardian(#[source] io::Error),
    /// A thread of this process has another tracer than the guardian, or none.
    #[error("according to {thread} the tracer is process {tracer}, not the guardian {guardian}")]
    WrongTracer {
        /// The thread.
        thread: &'static str,
        /// Its tracer; 0 if none.
        tracer: u32,
        /// Who should be it.
        guardian: u32,
    },
}

impl EncloseError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Threads(_) => ErrorClass::Misuse,
            Self::System { .. } => ErrorClass::Unavailable,
            Self::TracedByOther(_) | Self::Guardian(_) | Self::WrongTracer { .. } => {
                ErrorClass::Rejected
            }
        }
    }
}

/// Having one tells you that this process is traced by its guardian, which is its parent, and that
/// neither outlives the other. Nobody else can attach to either.
#[derive(Debug)]
pub struct Enclosed {
    guardian: u32,
}

impl Enclosed {
    /// The guardian's process id.
    #[must_use]
    pub const fn guardian(&self) -> u32 {
        self.guardian
    }

    /// Looks again whether both threads, the main one and the caller, are traced by the guardian.
    ///
    /// # Errors
    /// [`EncloseError::WrongTracer`] if one is not, [`EncloseError::Threads`] if there are more.
    pub fn verify(&self) -> Result<(), EncloseError> {
        // A second thread can only be the one that asks: whoever is more is not looked at.
        let threads = maps::threads().map_err(failed("stat"))?;
        if threads > 2 {
            return Err(EncloseError::Threads(threads));
        }
        for thread in ["/proc/self/status", "/proc/thread-self/status"] {
            let status = fs::read_to_string(thread).map_err(failed("read"))?;
            let tracer = tracer(&status);
            if tracer != self.guardian {
                return Err(EncloseError::WrongTracer {
                    thread,
                    tracer,
                    guardian: self.guardian,
                });
            }
        }
        Ok(())
    }
}

/// Splits the process in two: a child, the enclave, in which this returns; and its parent, the
/// *guardian*, in which it never does.
///
/// The guardian traces the enclave from birth and the enclave traces the guardian, so that nobody
/// else, root included, can attach to either. The guardian dies with the runner (its parent
/// *thread*: spawn it from one that lives on), the enclave dies with the guardian. When
/// `time_limit` is over the enclave is killed, and the guardian's exit code is
/// [`EXIT_TIME_LIMIT`](crate::EXIT_TIME_LIMIT); else it is the enclave's, or 128 + the signal that
/// ended it. The guardian closes all its descriptors.
///
/// Call it first thing, before secret mode: what is in memory now is in the guardian's too.
///
/// # Errors
/// If the process has threads, is traced already, or may not be; in the enclave, except for what
/// goes wrong before there is one.
pub fn enclose(time_limit: Duration) -> Result<Enclosed, EncloseError> {
    let deadline = sys::monotonic().saturating_add(time_limit);
    let threads = maps::threads().map_err(failed("stat"))?;
    if threads != 1 {
        return Err(EncloseError::Threads(threads));
    }
    sys::forbid_core_files().map_err(failed("setrlimit"))?;
    let kill = libc::SIGKILL.try_into().unwrap_or(9);
    sys::prctl(libc::PR_SET_PDEATHSIG, kill).map_err(failed("prctl"))?;
    // A runner that ignores SIGCHLD hands that down, and the kernel would then reap the enclave itself.
    sys::default_action(libc::SIGCHLD);
    let guardian = sys::own_pid();
    let mask = sys::block_signals(&sys::all_signals());
    // SAFETY: the process has one thread, so the child has all of it.
    match unsafe { libc::fork() } {
        -1 => {
            let source = io::Error::last_os_error();
            sys::block_signals(&mask);
            Err(EncloseError::System {
                call: "fork",
                source,
            })
        }
        0 => {
            let result = become_enclave(guardian);
            sys::block_signals(&mask);
            result
        }
        enclave => guard(enclave, deadline),
    }
}

fn become_enclave(guardian: libc::pid_t) -> Result<Enclosed, EncloseError> {
    // Until the guardian traces it: an orphan would have init for its tracer, and stop for ever.
    let kill = libc::SIGKILL.try_into().unwrap_or(9);
    sys::prctl(libc::PR_SET_PDEATHSIG, kill).map_err(failed("prctl"))?;
    if sys::parent_pid() != guardian {
        return Err(EncloseError::Guardian(io::ErrorKind::NotFound.into()));
    }
    ptrace::trace_me().map_err(EncloseError::TracedByOther)?;
    stop()?;
    ptrace::seize(guardian).map_err(EncloseError::Guardian)?;
    // The guardian shuts itself in while this process is stopped here.
    stop()?;
    sys::set_dumpable(false).map_err(failed("prctl"))?;
    let enclosed = Enclosed {
        guardian: guardian.try_into().unwrap_or(0),
    };
    if sys::parent_pid() != guardian {
        return Err(EncloseError::Guardian(io::ErrorKind::NotFound.into()));
    }
    enclosed.verify()?;
    Ok(enclosed)
}

fn stop() -> Result<(), EncloseError> {
    sys::kill(sys::own_pid(), libc::SIGSTOP).map_err(failed("kill"))
}

fn tracer(status: &str) -> u32 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("TracerPid:"))
        .and_then(|pid| pid.trim().parse().ok())
        .unwrap_or(0)
}

fn failed(call: &'static str) -> impl Fn(io::Error) -> EncloseError {
    move |source| EncloseError::System { call, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tracer_is_found() {
        assert_eq!(tracer("Name:\tx\nTracerPid:\t4711\nUid:\t0"), 4711);
        assert_eq!(tracer("Name:\tx\n"), 0);
    }
}
