//! Sealed files: data that only the holder of an identity can open, in the age v1 format
//! (C2SP `age.md`), so that `age` and `rage` open and write them too.
//!
//! The header (recipients, file key, MAC) is the `age` crate's work. The payload (STREAM over
//! ChaCha20-Poly1305 in chunks of 64 KiB) is written here, because the enclave has to hold one
//! fixed buffer, wiped, decrypt in place, and go anywhere in a file; so is age 1.3's post-quantum
//! recipient, `mlkem768x25519`, which the crate lacks.
//!
//! ```
//! use std::io::{Cursor, Read as _, Write as _};
//! use adyton_sealing::{Identity, OpenReader, Recipients, SealWriter};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rng = &mut adyton_crypto::os_rng();
//! let identity = Identity::generate(rng);
//! let recipients = Recipients::new([identity.recipient()])?;
//!
//! let mut writer = SealWriter::new(Vec::new(), &recipients, rng)?;
//! writer.write_all(b"only for the holder of the identity")?;
//! let sealed = writer.finish()?;
//!
//! let mut reader = OpenReader::open(Cursor::new(sealed), &identity)?;
//! assert_eq!(reader.size(), 35);
//! let mut text = String::new();
//! reader.read_to_string(&mut text)?;
//! assert_eq!(text, "only for the holder of the identity");
//! # Ok(())
//! # }
//! ```
//!
//! A file's header may be written by the `age` tool, `rage`, or anyone: opening a file tells you
//! that whoever wrote it knew the recipient, never who that was.

mod bech;
mod chunk;
mod digest;
mod error;
mod header;
mod hybrid;
mod identity;
mod limits;
mod open;
mod recipient;
mod recipients;
mod seal;
mod seen;
mod stream;

pub use digest::DigestWriter;
pub use error::{OpenError, SealError};
pub use header::Header;
pub use identity::{Identity, IdentityError};
pub use limits::MAX_HEADER_BYTES;
pub use open::OpenReader;
pub use recipient::{Recipient, RecipientError};
pub use recipients::{MAX_RECIPIENTS, Recipients, RecipientsError};
pub use seal::SealWriter;
pub use stream::{open_stream, seal_stream};
