//! Words on the wire: deterministic CBOR, strict hex and base64.
//!
//! Everything that Adyton hashes or signs is written by this crate, so that one value has exactly
//! one encoding: two implementations that agree on the value agree on the digest. Everything that
//! comes from elsewhere is read by it, and any other encoding of the same value is refused.
//!
//! Source: RFC 8949 (CBOR), section 4.2.1 "Core Deterministic Encoding Requirements".

mod cbor;
mod error;
mod fields;
mod items;
mod text;

pub use cbor::{MAX_DEPTH, MAX_ITEMS, Value};
pub use error::CodecError;
pub use fields::Fields;
pub use text::{
    base64_decode, base64_encode, base64url_decode, base64url_encode, hex_array, hex_decode,
    hex_encode,
};
