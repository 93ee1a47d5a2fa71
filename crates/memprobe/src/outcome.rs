use std::fmt;
use std::io;

/// A way to another process's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Attack {
    /// Reading every mapping through `/proc/PID/mem`.
    ProcMem,
    /// process_vm_readv(2) of every mapping.
    ProcessVmReadv,
    /// PTRACE_ATTACH, then PTRACE_PEEKDATA.
    PtraceAttach,
    /// PTRACE_SEIZE and PTRACE_INTERRUPT, then PTRACE_PEEKDATA.
    PtraceSeize,
    /// The debugger's core dump, with the mappings that ask to be left out.
    Gcore,
    /// Taking every descriptor with pidfd_getfd(2) and reading the file.
    PidfdGetfd,
    /// Opening every `/proc/PID/fd/N` and reading the file.
    ProcFd,
    /// Opening every `/proc/PID/map_files/RANGE` and reading the file.
    MapFiles,
    /// Making the process itself write its memory to a file, by a debugger's call into it.
    CodeInjection,
    /// Writing to the process's memory through `/proc/PID/mem`.
    Overwrite,
    /// Attaching to the process's guardian, to drive the process through it, or reading its memory.
    Guardian,
    /// Making the process crash with core dumps switched on.
    ForcedCrash,
}

impl Attack {
    /// A short name, as a command or a system call has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProcMem => "/proc/PID/mem",
            Self::ProcessVmReadv => "process_vm_readv",
            Self::PtraceAttach => "ptrace attach",
            Self::PtraceSeize => "ptrace seize",
            Self::Gcore => "gcore -a",
            Self::PidfdGetfd => "pidfd_getfd",
            Self::ProcFd => "/proc/PID/fd",
            Self::MapFiles => "/proc/PID/map_files",
            Self::CodeInjection => "code injection",
            Self::Overwrite => "overwrite /proc/PID/mem",
            Self::Guardian => "through the guardian",
            Self::ForcedCrash => "forced crash",
        }
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How an attack ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It succeeded.
    Leaked {
        /// Where the needle was, or what could be done.
        place: String,
    },
    /// It failed.
    Blocked {
        /// What stood in the way.
        reason: String,
    },
    /// It was not tried, which says nothing.
    NotRun {
        /// What was missing.
        reason: String,
    },
}

/// One attack's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was tried.
    pub attack: Attack,
    /// How it ended.
    pub verdict: Verdict,
    /// How many bytes of the process it got to see.
    pub bytes_read: u64,
}

impl Outcome {
    /// Whether the attack succeeded.
    #[must_use]
    pub const fn leaked(&self) -> bool {
        matches!(self.verdict, Verdict::Leaked { .. })
    }

    /// Whether the attack was tried and failed.
    #[must_use]
    pub const fn blocked(&self) -> bool {
        matches!(self.verdict, Verdict::Blocked { .. })
    }

    pub(crate) fn refused(attack: Attack, error: &io::Error) -> Self {
        Self::blocked_by(attack, error.to_string())
    }

    pub(crate) const fn blocked_by(attack: Attack, reason: String) -> Self {
        Self {
            attack,
            verdict: Verdict::Blocked { reason },
            bytes_read: 0,
        }
    }

    pub(crate) fn not_run(attack: Attack, reason: &str) -> Self {
        Self {
            attack,
            verdict: Verdict::NotRun {
                reason: reason.into(),
            },
            bytes_read: 0,
        }
    }

    pub(crate) const fn leak(attack: Attack, place: String, bytes_read: u64) -> Self {
        Self {
            attack,
            verdict: Verdict::Leaked { place },
            bytes_read,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attack = self.attack;
        match &self.verdict {
            Verdict::Leaked { place } => write!(f, "{attack}: LEAKED, {place}"),
            Verdict::Blocked { reason } => write!(f, "{attack}: blocked, {reason}"),
            Verdict::NotRun { reason } => write!(f, "{attack}: not run, {reason}"),
        }
    }
}
