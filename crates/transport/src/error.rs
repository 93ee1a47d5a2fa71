use std::time::Duration;

use adyton_types::{ErrorClass, Fingerprint};
use thiserror::Error;

/// Why a broker was not reached, or its answer not taken.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TransportError {
    /// Nobody listens there, or the name does not resolve.
    #[error(
        "cannot connect to {authority}: {source}; is the broker served there (`adyton broker serve`), and nothing in between?"
    )]
    Connect {
        /// Host and port.
        authority: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// No answer in time.
    #[error("{authority} did not answer within {} s ({step})", limit.as_secs_f32())]
    Timeout {
        /// Host and port.
        authority: String,
        /// Which step took too long.
        step: &'static str,
        /// How long.
        limit: Duration,
    },
    /// Another broker than the pinned one answers there.
    #[error(
        "{authority} is another broker than the pinned one: expected {expected}, found {found}; check the address with the broker's owner"
    )]
    WrongBroker {
        /// Host and port.
        authority: String,
        /// The pinned id.
        expected: Fingerprint,
        /// The id of the card in the certificate.
        found: Fingerprint,
    },
    /// Another server than the one with the pinned key answers there.
    #[error(
        "{authority} is another server than the pinned one: expected key {expected}, found {found}; check the address with whoever gave it to you"
    )]
    WrongKey {
        /// Host and port.
        authority: String,
        /// The pinned digest.
        expected: Fingerprint,
        /// The digest of the certificate's key.
        found: Fingerprint,
    },
    /// The certificate holds no broker card, so that it cannot be any broker's.
    #[error("{authority} is no Adyton broker: its certificate carries no readable broker card")]
    NoCard {
        /// Host and port.
        authority: String,
    },
    /// The certificate holds the pinned card, but another key than the card names.
    #[error(
        "{authority} shows the pinned broker's card, but does not have its key: somebody stands in between"
    )]
    ForeignKey {
        /// Host and port.
        authority: String,
    },
    /// The server speaks no TLS 1.3.
    #[error("{authority} speaks no TLS 1.3, which every broker does: it is no Adyton broker")]
    TlsTooOld {
        /// Host and port.
        authority: String,
    },
    /// The handshake failed otherwise.
    #[error("no TLS connection to {authority}: {source}")]
    Tls {
        /// Host and port.
        authority: String,
        /// What rustls says.
        source: rustls::Error,
    },
    /// The connection broke before the answer was whole.
    #[error("the connection to {authority} broke before the answer was whole")]
    Interrupted {
        /// Host and port.
        authority: String,
    },
    /// The answer is larger than the caller takes.
    #[error("the answer of {authority} is larger than {limit} bytes")]
    Oversized {
        /// Host and port.
        authority: String,
        /// The limit.
        limit: usize,
    },
    /// The answer is no HTTP/1.1 answer.
    #[error("{authority} does not answer in HTTP/1.1")]
    NotHttp {
        /// Host and port.
        authority: String,
    },
    /// The path of a request is not one.
    #[error("`{path}` is no path of a request")]
    Path {
        /// The path.
        path: String,
    },
    /// A server cannot listen there.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The TLS key is no ECDSA P-256 key in PKCS #8.
    #[error("the TLS key cannot be read: it should be an ECDSA P-256 key in PKCS #8")]
    Key,
    /// The card names another TLS key than the one given.
    #[error("the broker card names another TLS key than the one given with it")]
    CardKey,
    /// A runtime for blocking calls could not be started.
    #[error("cannot start: {source}")]
    Runtime {
        /// What the system says.
        source: std::io::Error,
    },
}

impl TransportError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Connect { .. }
            | Self::Timeout { .. }
            | Self::Interrupted { .. }
            | Self::Listen { .. }
            | Self::Runtime { .. } => ErrorClass::Unavailable,
            Self::WrongBroker { .. }
            | Self::WrongKey { .. }
            | Self::NoCard { .. }
            | Self::ForeignKey { .. }
            | Self::TlsTooOld { .. }
            | Self::Tls { .. } => ErrorClass::Rejected,
            Self::Oversized { .. } | Self::NotHttp { .. } | Self::Key => ErrorClass::Malformed,
            Self::Path { .. } | Self::CardKey => ErrorClass::Misuse,
        }
    }
}
