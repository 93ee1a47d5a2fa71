//! seccomp filters, said as lists of system calls.

use std::collections::BTreeMap;
use std::ffi::c_long;
use std::io;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

/// A condition on one argument of a system call.
#[derive(Debug, Clone)]
pub(crate) enum When {
    /// The low 32 bits of the argument equal this.
    Is(u8, u32),
    /// All 64 bits of the argument are zero.
    Null(u8),
    /// The bits of this mask are clear in the argument.
    Clear(u8, u64),
    /// The bits of this mask are set in the argument.
    Set(u8, u64),
}

/// System calls, each with the argument patterns for which it is meant; none means any argument.
pub(crate) type Calls = BTreeMap<c_long, Vec<Vec<When>>>;

/// Adds calls that are meant with any argument.
pub(crate) fn any_argument(calls: &mut Calls, numbers: &[c_long]) {
    for &number in numbers {
        calls.insert(number, Vec::new());
    }
}

/// A filter that lets these calls through and kills the process at any other.
pub(crate) fn allow_only(calls: Calls) -> io::Result<BpfProgram> {
    compile(calls, SeccompAction::KillProcess, SeccompAction::Allow)
}

/// A filter that answers these calls with `EPERM`, and has nothing to say about others.
pub(crate) fn refuse(calls: Calls) -> io::Result<BpfProgram> {
    let eperm = u32::try_from(libc::EPERM).map_err(io::Error::other)?;
    compile(calls, SeccompAction::Allow, SeccompAction::Errno(eperm))
}

/// Installs a filter in all threads of the process; implies `no_new_privs`.
pub(crate) fn install(filter: &BpfProgram) -> io::Result<()> {
    seccompiler::apply_filter_all_threads(filter).map_err(|error| match error {
        seccompiler::Error::Prctl(source) | seccompiler::Error::Seccomp(source) => source,
        other => io::Error::other(other),
    })
}

fn compile(
    calls: Calls,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> io::Result<BpfProgram> {
    let rules = calls
        .into_iter()
        .map(|(number, patterns)| {
            let patterns: Result<Vec<_>, _> = patterns.into_iter().map(rule).collect();
            Ok((number, patterns?))
        })
        .collect::<Result<_, seccompiler::BackendError>>()
        .map_err(io::Error::other)?;
    let arch = std::env::consts::ARCH
        .try_into()
        .map_err(io::Error::other)?;
    SeccompFilter::new(rules, otherwise, matched, arch)
        .and_then(TryInto::try_into)
        .map_err(io::Error::other)
}

fn rule(pattern: Vec<When>) -> Result<SeccompRule, seccompiler::BackendError> {
    let conditions: Result<Vec<_>, _> = pattern
        .into_iter()
        .map(|when| {
            let (argument, length, operator, value) = match when {
                When::Is(n, value) => (
                    n,
                    SeccompCmpArgLen::Dword,
                    SeccompCmpOp::Eq,
                    u64::from(value),
                ),
                When::Null(n) => (n, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0),
                When::Clear(n, mask) => {
                    (n, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(mask), 0)
                }
                When::Set(n, mask) => (
                    n,
                    SeccompCmpArgLen::Qword,
                    SeccompCmpOp::MaskedEq(mask),
                    mask,
                ),
            };
            SeccompCondition::new(argument, length, operator, value)
        })
        .collect();
    SeccompRule::new(conditions?)
}
