use crate::needle::Needle;
use crate::outcome::{Attack, Outcome};
use crate::ptrace::Attached;
use crate::{descriptors, dump, inject, overwrite, ptrace, read};

/// Whom to attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The process that holds the secret.
    pub pid: u32,
    /// The process that guards it, if there is one.
    pub guardian: Option<u32>,
}

/// Mounts every attack that leaves the target alive, gentlest first.
///
/// `Outcome::bytes_read` says how much of the target each got to see. The attacker is this very
/// process, with its own rights: run it as root to learn what root can do.
#[must_use]
pub fn attack_all(target: Target, needle: &Needle) -> Vec<Outcome> {
    let pid = target.pid;
    vec![
        read::proc_mem(pid, needle),
        read::process_vm_readv(pid, needle),
        descriptors::proc_fd(pid, needle),
        descriptors::map_files(pid, needle),
        descriptors::pidfd_getfd(pid, needle),
        ptrace::attach(pid, needle),
        ptrace::seize(pid, needle),
        dump::gcore(pid, needle),
        inject::code(pid, needle),
        overwrite::proc_mem(pid),
        through_guardian(target, needle),
    ]
}

/// A guardian traces its enclave: who drives the guardian drives the enclave.
fn through_guardian(target: Target, needle: &Needle) -> Outcome {
    let attack = Attack::Guardian;
    let Some(guardian) = target.guardian else {
        return Outcome::not_run(attack, "the process has no guardian");
    };
    if Attached::attach(guardian).is_ok() || Attached::seize(guardian).is_ok() {
        return Outcome::leak(attack, "a debugger can attach to the guardian".into(), 0);
    }
    Outcome {
        attack,
        ..read::proc_mem(guardian, needle)
    }
}
