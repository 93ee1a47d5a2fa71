use std::ffi::c_long;
use std::io;

use adyton_types::{ErrorClass, Protection, Protections};
use thiserror::Error;

use crate::enclose::{EncloseError, Enclosed};
use crate::filter::{self, Calls, When};
use crate::freeze::{FreezeError, freeze};
use crate::secret_alloc::SecretMode;
use crate::{calls, landlock_rules, sys};

/// Why a process could not be locked down. It must end then.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LockDownError {
    /// The tracer changed.
    #[error(transparent)]
    Enclose(#[from] EncloseError),
    /// Memory could not be taken out of reach.
    #[error(transparent)]
    Freeze(#[from] FreezeError),
    /// The filter of system calls could not be installed.
    #[error("the system call filter was refused: the kernel needs CONFIG_SECCOMP_FILTER")]
    Seccomp(#[source] io::Error),
}

impl LockDownError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Enclose(error) => error.class(),
            Self::Freeze(FreezeError::Memory(error)) => error.class(),
            Self::Freeze(FreezeError::System { .. }) | Self::Seccomp(_) => ErrorClass::Unavailable,
            Self::Freeze(_) => ErrorClass::Misuse,
        }
    }
}

/// Shuts the process in, for good, before it learns its first secret.
///
/// Call it on the secret stack ([`run_on_secret_stack`](crate::run_on_secret_stack)), when every
/// file is open, every library and all code is loaded, and all secret memory is mapped. From here
/// on the process can use what it has, and get nothing new: mapping memory fails with `EPERM`, and
/// opening, connecting, starting, tracing or making memory executable kills it.
///
/// All its writable memory is moved to secret pages first, the main thread's stack and every
/// static variable included, and its code to pages that cannot be written, not even by root.
///
/// Landlock holds for the calling thread, the filter for all.
///
/// # Errors
/// If the guardian is no longer the tracer, memory cannot be moved, or there is no seccomp.
/// Landlock missing is no error: it is missing from the [`Protections`], which go into Evidence.
pub fn lock_down(enclosed: &Enclosed, _memory: &SecretMode) -> Result<Protections, LockDownError> {
    enclosed.verify()?;
    let mut holding = Protections::from([
        Protection::Traced,
        Protection::Seccomp,
        Protection::SecretMemory,
    ]);
    if cannot_dump() {
        holding.insert(Protection::NoCore);
    }
    let filters = filters().map_err(LockDownError::Seccomp)?;
    freeze()?;
    if landlock_rules::deny_everything().is_ok_and(|version| version > 0) {
        holding.insert(Protection::Landlock);
    }
    for filter in &filters {
        filter::install(filter).map_err(LockDownError::Seccomp)?;
    }
    Ok(holding)
}

fn cannot_dump() -> bool {
    let no_file = sys::soft_limit(libc::RLIMIT_CORE).is_ok_and(|limit| limit == 0);
    no_file && sys::is_dumpable().is_ok_and(|dumpable| !dumpable)
}

/// First what is refused politely, then what is allowed at all: the other way round the second
/// could not be installed any more.
pub(crate) fn filters() -> io::Result<[seccompiler::BpfProgram; 2]> {
    Ok([
        filter::refuse(refused())?,
        filter::allow_only(allowed(sys::own_pid())?)?,
    ])
}

/// More memory: allocators ask for it and can do without.
fn refused() -> Calls {
    let mut calls = Calls::new();
    filter::any_argument(
        &mut calls,
        &[libc::SYS_mmap, libc::SYS_mremap, libc::SYS_brk],
    );
    calls
}

/// What a guest's execution, its host and the C library under it need of the kernel.
fn allowed(own: libc::pid_t) -> io::Result<Calls> {
    let own = u32::try_from(own).map_err(io::Error::other)?;
    let mut calls = refused();
    filter::any_argument(&mut calls, FILES);
    filter::any_argument(&mut calls, PROCESS);
    filter::any_argument(&mut calls, calls::OF_ARCHITECTURE);
    let execute = u64::try_from(libc::PROT_EXEC).map_err(io::Error::other)?;
    let empty_path = u64::try_from(libc::AT_EMPTY_PATH).map_err(io::Error::other)?;
    let mut only = |number: c_long, pattern: Vec<When>| {
        calls.entry(number).or_default().push(pattern);
    };
    only(libc::SYS_mprotect, vec![When::Clear(2, execute)]);
    only(libc::SYS_kill, vec![When::Is(0, own)]);
    only(libc::SYS_tgkill, vec![When::Is(0, own)]);
    // Metadata of an open file; the C library's fstat(2) is one of these.
    only(libc::SYS_newfstatat, vec![When::Set(3, empty_path)]);
    only(libc::SYS_statx, vec![When::Set(2, empty_path)]);
    // Sockets that are connected already, as recv(3) and send(3) use them.
    only(libc::SYS_recvfrom, vec![When::Null(4)]);
    only(libc::SYS_sendto, vec![When::Null(4)]);
    // A copy of a descriptor can do what the descriptor can.
    for command in [libc::F_GETFD, libc::F_GETFL, libc::F_DUPFD_CLOEXEC] {
        let command = u32::try_from(command).map_err(io::Error::other)?;
        only(libc::SYS_fcntl, vec![When::Is(1, command)]);
    }
    // Asking for a limit of one's own, not setting it.
    only(libc::SYS_prlimit64, vec![When::Is(0, 0), When::Null(2)]);
    Ok(calls)
}

/// On descriptors that are open.
const FILES: &[c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_close,
    libc::SYS_shutdown,
    libc::SYS_ppoll,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
];

/// On the process itself.
const PROCESS: &[c_long] = &[
    libc::SYS_munmap,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];
