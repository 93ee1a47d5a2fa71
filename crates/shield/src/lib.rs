//! In the making.

mod calls;
mod descriptors;
mod enclose;
mod filter;
mod freeze;
mod guardian;
mod landlock_rules;
mod lock_down;
mod maps;
mod protections;
mod ptrace;
mod secret_alloc;
mod secret_region;
mod secret_thread;
mod sys;

pub use descriptors::close_inherited;
pub use enclose::{EncloseError, Enclosed, enclose};
pub use freeze::FreezeError;
pub use guardian::{EXIT_NO_GUARDIAN, EXIT_TIME_LIMIT};
pub use lock_down::{LockDownError, lock_down};
pub use protections::{Protection, Protections};
pub use secret_alloc::{SecretAlloc, SecretMode};
pub use secret_region::{SecretMemoryError, SecretRegion};
pub use secret_thread::{SecretThreadError, run_on_secret_stack};
