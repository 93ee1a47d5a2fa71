//! Whether each protection would hold on this machine, found out by trying it.

use adyton_types::Protection;
use std::ffi::c_int;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::time::Duration;

use crate::enclose::{EncloseError, enclose};
use crate::secret_region::{SecretMemoryError, SecretRegion};
use crate::{filter, landlock_rules, lock_down, ptrace, sys};

/// One protection on this machine, for this user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    protection: Protection,
    reason: String,
    advice: Option<&'static str>,
}

impl Finding {
    /// Which protection.
    #[must_use]
    pub const fn protection(&self) -> Protection {
        self.protection
    }

    /// Whether it held when it was tried.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.advice.is_none()
    }

    /// What was seen.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What to do, if it does not hold.
    #[must_use]
    pub const fn advice(&self) -> Option<&'static str> {
        self.advice
    }
}

/// How long a trial may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tries every protection in a child process of its own, sorted by name. `secret_bytes` is how much
/// secret memory must be had.
///
/// Call it from a process with one thread: a trial starts with a fork.
#[must_use]
pub fn probe(secret_bytes: usize) -> Vec<Finding> {
    let mut findings = vec![
        landlock(),
        no_core(),
        seccomp(),
        secret_memory(secret_bytes),
        traced(),
    ];
    findings.sort_by_key(|finding| finding.protection);
    findings
}

fn landlock() -> Finding {
    let status = in_child(|| {
        let abi = landlock_rules::deny_everything().unwrap_or(0);
        let shut = File::open("/").is_err();
        u8::try_from(abi).map_or(0, |abi| if shut { abi } else { 0 })
    });
    match status {
        Ok(abi @ 1..) => holds(
            Protection::Landlock,
            format!("version {abi} of its interface"),
        ),
        other => fails(
            Protection::Landlock,
            seen(other.map(|_| "a file could still be opened")),
            "use a kernel with CONFIG_SECURITY_LANDLOCK and `landlock` in its `lsm=` list",
        ),
    }
}

fn no_core() -> Finding {
    let status = in_child_raw(|| {
        sys::default_action(libc::SIGQUIT);
        let prepared = sys::forbid_core_files().and_then(|()| sys::set_dumpable(false));
        if prepared.is_ok() {
            let _ = sys::kill(sys::own_pid(), libc::SIGQUIT);
        }
        0
    });
    match status {
        Ok(status) if libc::WIFSIGNALED(status) && !libc::WCOREDUMP(status) => {
            holds(Protection::NoCore, "a crash left no core".into())
        }
        other => fails(
            Protection::NoCore,
            seen(other.map(|_| "a crash was not without a core")),
            "let the process set RLIMIT_CORE and PR_SET_DUMPABLE",
        ),
    }
}

fn seccomp() -> Finding {
    let status = in_child_raw(|| {
        let installed =
            lock_down::filters().and_then(|filters| filters.iter().try_for_each(filter::install));
        if installed.is_ok() {
            // The filter ends the process here.
            let _ = File::open("/");
        }
        0
    });
    match status {
        Ok(status) if libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGSYS => holds(
            Protection::Seccomp,
            "a forbidden call ended the process".into(),
        ),
        other => fails(
            Protection::Seccomp,
            seen(other.map(|_| "a forbidden call went through")),
            "use a kernel with CONFIG_SECCOMP_FILTER; inside a container, allow the seccomp call",
        ),
    }
}

/// A secret page, which the kernel cannot read for us, beside an ordinary one, which it can.
fn secret_memory(bytes: usize) -> Finding {
    let region = match SecretRegion::new(bytes) {
        Ok(region) => region,
        Err(error) => {
            let (reason, advice) = match error {
                SecretMemoryError::LockedMemoryLimit { needed, limit } => (
                    format!("an enclave needs {needed} bytes, and this user may lock {limit}"),
                    "as root, lift RLIMIT_MEMLOCK for this shell with `prlimit --pid PID --memlock=unlimited` (`echo $$` tells its PID), for a service with `LimitMEMLOCK=infinity`, or for everybody who runs this executable with `setcap cap_ipc_lock=ep`",
                ),
                other => (
                    other.to_string(),
                    "use Linux 6.5 or newer with CONFIG_SECRETMEM, or start it with `secretmem.enable=1`",
                ),
            };
            return fails(Protection::SecretMemory, reason, advice);
        }
    };
    let secret = region.base();
    // SAFETY: the region is accessible and ours.
    unsafe { secret.write(0x5a) };
    let ordinary = Box::new(0x5a_u8);
    let readable = File::open("/proc/self/mem").map(|memory| {
        let reads = |at: usize| {
            memory
                .read_at(&mut [0], at as u64)
                .is_ok_and(|read| read == 1)
        };
        (
            reads(secret.addr().get()),
            reads((&raw const *ordinary).addr()),
        )
    });
    match readable {
        Ok((false, true)) => holds(
            Protection::SecretMemory,
            "the kernel itself could not read a secret page".into(),
        ),
        Ok((false, false)) => fails(
            Protection::SecretMemory,
            "it could not be tried: /proc/self/mem reads nothing".into(),
            "mount /proc",
        ),
        Ok((true, _)) => fails(
            Protection::SecretMemory,
            "a secret page could be read through /proc/self/mem".into(),
            "use a kernel whose memfd_secret works",
        ),
        Err(error) => fails(
            Protection::SecretMemory,
            format!("it could not be tried: {error}"),
            "mount /proc",
        ),
    }
}

/// An enclave that its guardian holds, to which this process, as strong a user, cannot attach.
fn traced() -> Finding {
    const HELD: u8 = 1;
    const REFUSED: u8 = 2;
    const OPEN: u8 = 3;
    let status = in_child(|| match enclose(PATIENCE) {
        Ok(enclosed) => match (stranger(enclosed.guardian()), stranger(std::process::id())) {
            (true, true) => HELD,
            _ => OPEN,
        },
        Err(EncloseError::Threads(_)) => 0,
        Err(_) => REFUSED,
    });
    let advice = "set `kernel.yama.ptrace_scope` to 0 or 1, and allow ptrace in containers";
    match status {
        Ok(HELD) => holds(
            Protection::Traced,
            "a stranger could attach to neither enclave nor guardian".into(),
        ),
        Ok(OPEN) => fails(
            Protection::Traced,
            "a stranger could attach".into(),
            "use a kernel that lets a process have one tracer only",
        ),
        other => fails(
            Protection::Traced,
            seen(other.map(|_| "enclave and guardian may not trace each other")),
            advice,
        ),
    }
}

/// Whether a third process is refused when it tries to attach.
fn stranger(pid: u32) -> bool {
    let attempt = || {
        let pid = pid.try_into().unwrap_or(-1);
        u8::from(ptrace::seize(pid).is_ok())
    };
    in_child(attempt).is_ok_and(|attached| attached == 0)
}

fn holds(protection: Protection, reason: String) -> Finding {
    Finding {
        protection,
        reason,
        advice: None,
    }
}

fn fails(protection: Protection, reason: String, advice: &'static str) -> Finding {
    Finding {
        protection,
        reason,
        advice: Some(advice),
    }
}

fn seen(trial: io::Result<&str>) -> String {
    trial.map_or_else(|error| format!("the trial failed: {error}"), str::to_owned)
}

/// The exit code of a child that did `work`.
fn in_child(work: impl FnOnce() -> u8) -> io::Result<u8> {
    let status = in_child_raw(work)?;
    if libc::WIFEXITED(status) {
        u8::try_from(libc::WEXITSTATUS(status)).map_err(io::Error::other)
    } else {
        Err(io::ErrorKind::Interrupted.into())
    }
}

fn in_child_raw(work: impl FnOnce() -> u8) -> io::Result<c_int> {
    // SAFETY: the caller has one thread, so the child has all of it.
    match sys::check(unsafe { libc::fork() })? {
        0 => {
            // A crash of the child is what some trials want; nobody need read of it.
            if let Ok(null) = File::create("/dev/null") {
                // SAFETY: dup2 takes numbers only.
                unsafe { libc::dup2(null.as_raw_fd(), 2) };
            }
            sys::exit_now(work())
        }
        child => match sys::wait(child, 0)? {
            Some((_, status)) => Ok(status),
            None => Err(io::ErrorKind::NotFound.into()),
        },
    }
}
