//! How Adyton's processes reach each other: TLS 1.3 to a broker that is known by the digest of its
//! card, or to a service that is known by the digest of its key, and a Unix socket to the broker on one's own machine.
//!
//! What is released does not depend on this crate: answers are sealed to a key inside the enclave
//! and signed by the broker. TLS hides who asks for what, and tells a mistyped address from an
//! attack before a request is spent. Source: `specs/release-protocol.md`.

mod address;
mod admin;
mod answer;
mod blocking;
mod client;
mod der;
mod error;
mod identity;
mod limits;
mod pin;
mod server;
mod stall;
mod tls;

pub use address::{AddressError, BrokerAddress};
pub use admin::{AdminClient, AdminError, AdminHandler, AdminServer, MAX_ADMIN_FRAME_BYTES};
pub use answer::{Answer, Handler, Method, Request};
pub use blocking::BlockingClient;
pub use client::PinnedClient;
pub use error::TransportError;
pub use identity::{CARD_EXTENSION_OID, ServerIdentity, TlsKey};
pub use limits::{ClientLimits, ServerLimits};
pub use server::Server;
