//! The broker daemon: `crates/broker`'s engine with a disk, a clock, a network and an owner.
//!
//! A broker is a directory:
//!
//! | file | holds |
//! |---|---|
//! | `broker.key` | the root key, which opens the store; mode 0600 |
//! | `store.redb` | everything else, sealed: identity keys, secrets, documents, the log |
//! | `card` | the card, public (`specs/release-protocol.md`) |
//! | `admin.sock` | the owner's door, while a daemon runs |
//! | `lock` | keeps a second process out |
//!
//! A daemon may be given a directory of Endorsements beside it ([`Config::endorsements`]): by those
//! it judges Evidence of hardware. It reads them again every ten minutes.
//!
//! [`init`] makes one, [`Daemon`] serves it, [`Control`] is the owner's hand on it, whether a daemon
//! runs or not. Nothing here prints.

mod clock;
mod config;
mod control;
mod daemon;
mod directory;
mod endorsements;
mod error;
mod export;
mod harden;
mod identity;
mod init;
mod message;
mod root_key;
mod routes;
mod service;
mod state;
mod status;
mod steps;

pub use clock::{Clock, SystemClock};
pub use config::Config;
pub use control::Control;
pub use daemon::Daemon;
pub use error::BrokerdError;
pub use export::LogExport;
pub use init::init;
pub use status::{Endorsed, Status};
pub use steps::{Step, Steps};
