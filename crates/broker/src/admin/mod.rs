//! What an owner does with a broker.

mod command;
mod error;
mod execute;
mod reply;

pub use command::{AdminCommand, MAX_ENTRIES_AT_ONCE, MAX_NOTE_BYTES};
pub use error::AdminError;
pub use reply::{AdminReply, SecretInfo};
