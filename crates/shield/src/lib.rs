//! The operating-system wall of the software TEE: what keeps everybody else on the machine, root
//! included, out of a running enclave's memory, on an ordinary Linux without special hardware.
//!
//! A process becomes an enclave in this order:
//!
//! ```no_run
//! use std::time::Duration;
//! use adyton_shield::{SecretAlloc, close_inherited, enclose, lock_down, run_on_secret_stack};
//!
//! #[global_allocator]
//! static ALLOCATOR: SecretAlloc = SecretAlloc::new();
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     // From here on this is the child; the parent, its guardian, never returns.
//!     let enclosed = enclose(Duration::from_secs(600))?;
//!     close_inherited(&[0, 1, 2])?;
//!     let memory = ALLOCATOR.enter_secret_mode(64 << 20)?;
//!     run_on_secret_stack(2 << 20, || {
//!         // Receive descriptors, load code, map linear memories; learn no secret yet.
//!         let protections = lock_down(&enclosed, &memory).expect("locked down");
//!         // Now: keys, inputs, the guest. `protections` goes into Evidence.
//!         drop(protections);
//!     })?;
//!     Ok(())
//! }
//! ```
//!
//! # What holds, and against whom
//! * **Reading.** All writable memory of a locked-down enclave is memfd_secret(2) pages: heap, both
//!   stacks, thread-local and static variables. `/proc/PID/mem`, process_vm_readv(2), ptrace(2),
//!   core dumps and swap yield nothing of it; what they do yield is the program's code.
//! * **Writing.** Root may write into other processes through `/proc/PID/mem`, into their code
//!   even, and a changed program would hand its secrets over. In a locked-down enclave no page can
//!   be changed so: writable pages are secret, and code and constants are mapped shared from files
//!   that nobody can write to: sealed memory files, and for the program itself its executable,
//!   which the kernel keeps unwritable while it runs.
//! * **Attaching.** Enclave and guardian trace each other, so that nobody else can attach to
//!   either. The guardian, which holds no secret and whose code root can change, may by its seccomp
//!   filter do nothing with the enclave but let it go on or kill it. Signals forged by others do
//!   not reach the enclave.
//! * **Getting out.** The enclave has no file, socket or system call that it was not given.
//!
//! # What does not hold
//! * Code in the kernel reads everything: a module, eBPF, perf's samples of a process's user stack
//!   and registers, uprobes' relatives, a kernel debugger, and so does whoever is below the kernel:
//!   the hypervisor, the firmware, a bus probe. `lockdown=confidentiality` shuts root out of modules
//!   and eBPF, and not out of perf; a hardware TEE is for the rest.
//! * Whoever controls the machine *before* the enclave starts can start another program and say it
//!   is this one. Against that there is only the platform key, which is a file.
//! * The executable's pages are locked in memory, so that a changed disk does not change them; a
//!   file system of the attacker's own making (FUSE) may still say so. A user with a limit on locked
//!   memory (RLIMIT_MEMLOCK, no CAP_IPC_LOCK) goes without the lock.
//! * Kernels that seal the vDSO (CONFIG_MSEAL_SYSTEM_MAPPINGS) leave it writable to root: there the
//!   enclave's clock readings run code that root can change.
//! * Whether the enclave runs at all: root can stop it, starve it, kill it, and watch its system
//!   calls and page faults.

mod calls;
mod descriptors;
mod enclose;
mod executable;
mod filter;
mod freeze;
mod guardian;
mod landlock_rules;
mod lock_down;
mod maps;
mod probe;
mod ptrace;
mod sealed_file;
mod secret_alloc;
mod secret_region;
mod secret_thread;
mod sys;

pub use descriptors::close_inherited;
pub use enclose::{EncloseError, Enclosed, enclose};
pub use freeze::FreezeError;
pub use guardian::{EXIT_NO_GUARDIAN, EXIT_TIME_LIMIT};
pub use lock_down::{LockDownError, lock_down};
pub use probe::{Finding, probe};
pub use secret_alloc::{SecretAlloc, SecretMode};
pub use secret_region::{SecretMemoryError, SecretRegion};
pub use secret_thread::{SecretThreadError, run_on_secret_stack};
