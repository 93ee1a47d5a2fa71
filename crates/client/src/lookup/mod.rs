//! Private look-up, the client's side: asking a service, and loading one's own.

mod client;
mod error;
mod owner;

pub use client::{LookupClient, LookupPins};
pub use error::LookupClientError;
pub use owner::LookupOwner;
