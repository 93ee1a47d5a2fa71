use std::fmt;
use std::str::FromStr;

use adyton_codec::{base64_decode, base64_encode, hex_encode};
use adyton_crypto::{SigningKey, VerifyingKey};
use adyton_types::Sha256Digest;

use crate::note::{self, ED25519};
use crate::{MerkleError, Origin};

/// What a log says of itself at a size (C2SP `tlog-checkpoint`). Having one tells you nothing about
/// who says it; [`LogVerifier::open`] does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: Origin,
    /// How many entries the tree has.
    pub size: u64,
    /// Its root.
    pub root: Sha256Digest,
}

impl Checkpoint {
    /// The note's text: three lines, each with its newline.
    #[must_use]
    pub fn text(&self) -> String {
        let root = base64_encode(self.root.as_bytes());
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// Reads a note's text. Extension lines are refused: nothing here would know what they mean.
    ///
    /// # Errors
    /// [`MerkleError::CheckpointFormat`] or [`MerkleError::Origin`].
    pub fn parse(text: &str) -> Result<Self, MerkleError> {
        let malformed = |why| MerkleError::CheckpointFormat { why };
        let body = text
            .strip_suffix('\n')
            .ok_or_else(|| malformed("does not end with a newline"))?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(malformed("not three lines"));
        };
        let canonical =
            size.bytes().all(|c| c.is_ascii_digit()) && (size == "0" || !size.starts_with('0'));
        let number = size.parse().ok().filter(|_| canonical);
        let root: Option<[u8; 32]> = base64_decode(root).ok().and_then(|r| r.try_into().ok());
        Ok(Self {
            origin: origin.parse()?,
            size: number.ok_or_else(|| malformed("the size is no plain decimal number"))?,
            root: Sha256Digest::new(root.ok_or_else(|| malformed("the root is not 32 bytes"))?),
        })
    }
}

/// A log's signing key with the log's name.
#[derive(Debug)]
pub struct LogKey {
    origin: Origin,
    key: SigningKey,
}

impl LogKey {
    /// From its parts.
    #[must_use]
    pub const fn new(origin: Origin, key: SigningKey) -> Self {
        Self { origin, key }
    }

    /// Signs the log's state.
    #[must_use]
    pub fn sign(&self, size: u64, root: Sha256Digest) -> String {
        let origin = self.origin.clone();
        let checkpoint = Checkpoint { origin, size, root };
        note::sign(&checkpoint.text(), &self.origin, &self.key)
    }

    /// What opens the checkpoints that this signs.
    #[must_use]
    pub fn verifier(&self) -> LogVerifier {
        LogVerifier::new(self.origin.clone(), self.key.verifying_key())
    }
}

/// A log's public key with the log's name. Its text form ([`Display`](fmt::Display), [`str::parse`])
/// is the `vkey` of C2SP `signed-note`: `name+key id+base64(0x01 ‖ public key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogVerifier {
    origin: Origin,
    key: VerifyingKey,
}

impl LogVerifier {
    /// From its parts.
    #[must_use]
    pub const fn new(origin: Origin, key: VerifyingKey) -> Self {
        Self { origin, key }
    }

    /// The log's name.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The public key.
    #[must_use]
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Opens a signed checkpoint of this very log.
    ///
    /// # Errors
    /// [`MerkleError`] if the note is malformed, not signed by this key, or about another log.
    pub fn open(&self, signed: &str) -> Result<Checkpoint, MerkleError> {
        let checkpoint = Checkpoint::parse(note::open(signed, &self.origin, &self.key)?)?;
        if checkpoint.origin == self.origin {
            Ok(checkpoint)
        } else {
            Err(MerkleError::CheckpointFormat {
                why: "the origin is another log's",
            })
        }
    }
}

impl fmt::Display for LogVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = hex_encode(&note::key_id(&self.origin, &self.key));
        let key = base64_encode(&[[ED25519].as_slice(), &self.key.to_bytes()].concat());
        write!(f, "{}+{id}+{key}", self.origin)
    }
}

impl FromStr for LogVerifier {
    type Err = MerkleError;

    fn from_str(vkey: &str) -> Result<Self, MerkleError> {
        let parse = || {
            // The base64 may hold a `+`; name and id may not.
            let (origin, rest) = vkey.split_once('+')?;
            let (_, base64) = rest.split_once('+')?;
            let bytes: [u8; 33] = base64_decode(base64).ok()?.try_into().ok()?;
            let (kind, key) = bytes.split_first()?;
            let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
            let verifier = Self::new(origin.parse().ok()?, key);
            (*kind == ED25519 && verifier.to_string() == vkey).then_some(verifier)
        };
        parse().ok_or(MerkleError::VerifierKey)
    }
}
