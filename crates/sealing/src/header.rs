use std::cell::{OnceCell, RefCell};
use std::collections::HashSet;
use std::io::Read;
use std::iter;

use adyton_crypto::{CryptoRng, SecretArray};
use age::DecryptError;
use age::secrecy::ExposeSecret as _;
use age_core::format::{FileKey, Stanza};

use crate::chunk::{PAYLOAD_NONCE, PayloadKey};
use crate::limits::MAX_HEADER_BYTES;
use crate::recipient::RecipientKey;
use crate::{Identity, OpenError, Recipients, SealError, hybrid};

/// The most lines of a header: the `age` crate begins anew at every line, so that reading takes
/// time in the product of lines and bytes.
const MAX_HEADER_LINES: usize = 400;

/// Columns of a full line of a stanza's body; a shorter one ends it.
const STANZA_COLUMNS: usize = 64;

const MAGIC: &[u8] = b"age-encryption.org/";
const V1: &[u8] = b"age-encryption.org/v1\n";
const ARMOR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

/// A sealed file's header with the payload's nonce, as received: well-formed, authenticated only
/// when an identity has opened it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header(Vec<u8>);

impl Header {
    /// Reads the header at the beginning of a file, and gives it with the bytes behind it.
    ///
    /// # Errors
    /// If there is no complete, well-formed header.
    pub fn parse(file: &[u8]) -> Result<(Self, &[u8]), OpenError> {
        let Some(end) = scan(file)? else {
            return Err(OpenError::Truncated);
        };
        let (header, payload) = file.split_at(end);
        age::Decryptor::new_buffered(header).map_err(|error| refusal(&error))?;
        Ok((Self(header.to_vec()), payload))
    }

    /// Reads the header from a stream, and gives it with the bytes of the payload that were read
    /// along with it.
    pub(crate) fn read(source: &mut impl Read) -> Result<(Self, Vec<u8>), OpenError> {
        const STEP: u64 = 4096;
        let mut bytes = Vec::new();
        while scan(&bytes)?.is_none() {
            let got = source
                .take(STEP)
                .read_to_end(&mut bytes)
                .map_err(OpenError::Read)?;
            if got == 0 {
                return Err(incomplete(&bytes));
            }
        }
        let (header, rest) = Self::parse(&bytes)?;
        Ok((header, rest.to_vec()))
    }

    /// The header's bytes, payload nonce included.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Finds the file key, authenticates the header under it, and derives the payload's key.
    pub(crate) fn open(&self, identity: &Identity) -> Result<PayloadKey, OpenError> {
        let unwrapping = Unwrapping {
            identity,
            file_key: OnceCell::new(),
        };
        age::Decryptor::new_buffered(self.0.as_slice())
            .and_then(|decryptor| decryptor.decrypt(iter::once(&unwrapping as &dyn age::Identity)))
            .map_err(|error| refusal(&error))?;
        let file_key = unwrapping.file_key.get().ok_or(OpenError::NotRecipient)?;
        let nonce = self.0.last_chunk().ok_or(OpenError::Truncated)?;
        Ok(PayloadKey::derive(file_key, nonce))
    }

    /// Makes a header for a new file, with its payload's key.
    pub(crate) fn make(
        recipients: &Recipients,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, PayloadKey), SealError> {
        let wrapping = Wrapping {
            recipients,
            rng: RefCell::new(rng),
            file_key: OnceCell::new(),
            refused: OnceCell::new(),
        };
        let mut bytes = Vec::new();
        let made = age::Encryptor::with_recipients(iter::once(&wrapping as &dyn age::Recipient))
            .is_ok_and(|encryptor| encryptor.wrap_output(&mut bytes).is_ok());
        if let Some(recipient) = wrapping.refused.into_inner() {
            return Err(SealError::Recipient { recipient });
        }
        assert!(made, "one labelled set of recipients always makes a header");
        let file_key = wrapping.file_key.get().expect("a header has a file key");
        let nonce = bytes.last_chunk().expect("a header ends with a nonce");
        let key = PayloadKey::derive(file_key, nonce);
        Ok((Self(bytes), key))
    }
}

/// Where the header ends (payload nonce included), if it is all there.
fn scan(bytes: &[u8]) -> Result<Option<usize>, OpenError> {
    let common = bytes.len().min(MAGIC.len());
    if bytes[..common] != MAGIC[..common] {
        return Err(not_magic(bytes));
    }
    // Whether a stanza still lacks the line of less than 64 characters that ends it. The `age` crate
    // lets it be missing, as files of its early versions did; the format does not.
    let mut open_stanza = false;
    let mut end = 0;
    for (number, line) in bytes.split_inclusive(|b| *b == b'\n').enumerate() {
        end += line.len();
        if end + PAYLOAD_NONCE > MAX_HEADER_BYTES || number >= MAX_HEADER_LINES {
            return Err(OpenError::HeaderTooLong);
        }
        let complete = line.ends_with(b"\n");
        if number == 0 && complete && line != V1 {
            return Err(OpenError::Version);
        }
        let mark = line.starts_with(b"-");
        if complete && mark && open_stanza {
            return Err(OpenError::Header);
        }
        open_stanza = line.starts_with(b"->") || (open_stanza && line.len() > STANZA_COLUMNS);
        if complete && line.starts_with(b"---") {
            let end = end + PAYLOAD_NONCE;
            return Ok((bytes.len() >= end).then_some(end));
        }
    }
    Ok(None)
}

fn not_magic(bytes: &[u8]) -> OpenError {
    let common = bytes.len().min(ARMOR.len());
    if common > 0 && bytes[..common] == ARMOR[..common] {
        OpenError::Armored
    } else {
        OpenError::NotSealed
    }
}

/// The error for a file that ends within its header.
fn incomplete(bytes: &[u8]) -> OpenError {
    if bytes.len() < MAGIC.len() {
        OpenError::NotSealed
    } else {
        OpenError::Truncated
    }
}

fn refusal(error: &DecryptError) -> OpenError {
    match error {
        DecryptError::InvalidMac => OpenError::HeaderAltered,
        DecryptError::NoMatchingKeys | DecryptError::DecryptionFailed => OpenError::NotRecipient,
        // The version line was read before; this is how `age` calls everything after it that it
        // does not understand.
        _ => OpenError::Header,
    }
}

/// Stands before `age` as one recipient, and keeps the file key that `age` made: the crate offers
/// no other way to it.
struct Wrapping<'a, R> {
    recipients: &'a Recipients,
    rng: RefCell<&'a mut R>,
    file_key: OnceCell<SecretArray<16>>,
    refused: OnceCell<String>,
}

impl<R: CryptoRng> age::Recipient for Wrapping<'_, R> {
    fn wrap_file_key(
        &self,
        file_key: &FileKey,
    ) -> Result<(Vec<Stanza>, HashSet<String>), age::EncryptError> {
        self.file_key.get_or_init(|| copy(file_key));
        let rng = &mut **self.rng.borrow_mut();
        let mut stanzas = Vec::new();
        for recipient in self.recipients.as_slice() {
            match recipient.key() {
                RecipientKey::X25519(key) => stanzas.extend(key.wrap_file_key(file_key)?.0),
                RecipientKey::Hybrid(key) => match hybrid::wrap(&key, file_key, rng) {
                    Ok(stanza) => stanzas.push(stanza),
                    Err(_) => {
                        self.refused.get_or_init(|| recipient.to_string());
                        return Err(age::EncryptError::MissingRecipients);
                    }
                },
            }
        }
        // `Recipients` never mixes kinds, so that there are no labels to compare.
        Ok((stanzas, HashSet::new()))
    }
}

/// Stands before `age` as an identity, and keeps the file key that it found.
struct Unwrapping<'a> {
    identity: &'a Identity,
    file_key: OnceCell<SecretArray<16>>,
}

impl age::Identity for Unwrapping<'_> {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        let unwrapped = match (self.identity.x25519(), self.identity.kem()) {
            (Some(identity), _) => identity.unwrap_stanza(stanza),
            (None, Some(keys)) => hybrid::unwrap(keys, stanza),
            (None, None) => None,
        };
        if let Some(Ok(file_key)) = &unwrapped {
            self.file_key.get_or_init(|| copy(file_key));
        }
        unwrapped
    }
}

fn copy(file_key: &FileKey) -> SecretArray<16> {
    SecretArray::fill_with(|bytes| bytes.copy_from_slice(file_key.expose_secret()))
}
