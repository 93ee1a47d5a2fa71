//! Private contact discovery as a process: an enclave that has the table and the keys, and a front
//! that has the network and neither.
//!
//! The enclave is the same executable as everything else (`adyton`), entered by
//! [`enter_if_asked`] before anything else happens; it has one opening, a socket to its front. The
//! front ends TLS and carries messages, whose meaning it cannot know (`specs/lookup.md`). It keeps
//! a directory:
//!
//! | file | holds |
//! |---|---|
//! | `tls.key` | the key by which clients know the front; mode 0600 |
//! | `admin.sock` | the operator's door, while it runs |
//! | `lock` | keeps a second front out |

mod daemon;
mod directory;
mod enclave;
mod error;
mod frame;
mod front;
mod machine;
mod process;
mod relay;
mod service;
mod start;
mod status;

pub use adyton_shield::SecretAlloc;
pub use daemon::{Config, Daemon};
pub use error::LookupdError;
pub use process::{ENCLAVE_ARGUMENT, enter_if_asked};
pub use status::{Status, status};
