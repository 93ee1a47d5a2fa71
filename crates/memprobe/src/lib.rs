//! Attacks on another process's memory, as an administrator of the machine would mount them.
//!
//! Given a process and a [`Needle`] that it is known to hold, [`attack_all`] tries every way that
//! Linux offers to a user, root included, of getting at the memory of a running process, and says
//! of each whether the needle was found. It is the test of the software TEE's wall and the core of
//! its demonstration; against an ordinary process nearly every attack succeeds.
//!
//! The needle is never in clear in the attacker's own memory, so that finding it means something.
//!
//! What runs inside the kernel (a module, eBPF, perf's stack samples, a hypervisor) is not among
//! the attacks: against those no wall in software helps.

mod attack;
mod crash;
mod descriptors;
mod dump;
mod inject;
mod maps;
mod needle;
mod outcome;
mod overwrite;
mod ptrace;
mod read;

pub use attack::{Target, attack_all};
pub use crash::force_crash;
pub use needle::Needle;
pub use outcome::{Attack, Outcome, Verdict};
pub use read::{Scan, scan_plain};
