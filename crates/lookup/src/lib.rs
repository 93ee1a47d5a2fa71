//! Private contact discovery: a client asks which of its contacts are in an owner's table, and
//! neither the owner's operator nor anybody else on the way learns whom it asked about.
//!
//! The service is an enclave with a table that is looked up in by `adyton-oblivious`; its operator
//! carries sealed messages, and sees their sizes, which say their class only, and their times. Both
//! ends are here, without I/O, clock or randomness of their own (`specs/lookup.md`):
//!
//! 1. client: [`Greeting`] → hello; service: [`Engine::hello`] → Evidence over its report data →
//!    [`Engine::welcome`]; client: [`Greeting::verify`] → [`ClientSession`];
//! 2. client: [`ClientSession::query`]; service: [`Engine::request`] puts it into the queue, and
//!    [`Engine::run`] answers as many clients at once as fit; client: [`ClientSession::answer`];
//! 3. owner: the same session, opened with its key, over which the table comes and changes.

mod admission;
mod binding;
mod class;
mod client;
mod client_error;
mod engine;
mod error;
mod fault;
mod key;
mod message;
mod owner_key;
mod queue;
mod records;
mod rows;
mod session;
mod sessions;
mod stats;
mod table;
mod terms;
mod token_files;
mod value;
mod wire;

pub use admission::TokenTerms;
pub use class::{MAX_QUERY_KEYS, QueryClass};
pub use client::{ClientSession, Found, Greeting, Pins};
pub use client_error::ClientError;
pub use engine::{Engine, Greeted, MAX_REQUEST_BYTES, Ran, Reply, heap_bytes};
pub use error::LookupError;
pub use fault::WireFault;
pub use key::{Key, KeyError, KeyKind};
pub use message::{Done, MAX_ROWS_BYTES, Update};
pub use owner_key::{MAX_OWNER_KEY_BYTES, encode_owner_key, parse_owner_key};
pub use records::{RecordError, Records};
pub use rows::Rows;
pub use stats::{ClassStats, Stats};
pub use terms::{MAX_WINDOW_MS, Terms};
pub use token_files::{
    MAX_TOKEN_FILE_BYTES, MAX_TOKENS, encode_issuer, encode_issuer_key, encode_pending,
    encode_tokens, parse_issuer, parse_issuer_key, parse_pending, parse_tokens,
};
pub use value::{ValueError, ValueForm};
pub use wire::Welcome;
