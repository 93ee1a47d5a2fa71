//! The channel to the broker on one's own machine: a Unix socket in the broker's directory that
//! only its owner (and root) can open, and frames of a length and that many bytes.

mod client;
mod error;
mod frame;
mod server;

pub use client::AdminClient;
pub use error::AdminError;
pub use frame::MAX_ADMIN_FRAME_BYTES;
pub use server::{AdminHandler, AdminServer};
