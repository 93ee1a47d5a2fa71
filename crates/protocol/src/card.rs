use adyton_codec::Value;
use adyton_crypto::{VerifyingKey, sha256};
use adyton_merkle::{LogVerifier, Origin};
use adyton_types::{Fingerprint, Sha256Digest};

use crate::{WireError, wire};

const VERSION: &str = "adyton/broker-card/v1";

/// The most bytes that a card takes.
pub const MAX_CARD_BYTES: usize = 1024;

/// A broker's identity: its keys, and its log's origin. Having one tells you nothing; compare
/// [`id`](Self::id) with the pinned one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    answer_key: VerifyingKey,
    log: LogVerifier,
    tls_spki: Sha256Digest,
}

impl Card {
    /// Puts a card together.
    #[must_use]
    pub const fn new(answer_key: VerifyingKey, log: LogVerifier, tls_spki: Sha256Digest) -> Self {
        Self {
            answer_key,
            log,
            tls_spki,
        }
    }

    /// Reads a card.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        wire::length("card", bytes.len(), MAX_CARD_BYTES)?;
        let mut fields = Value::decode(bytes)?.into_fields("card")?;
        fields.version("v", VERSION)?;
        let origin: Origin = fields
            .text("origin")?
            .parse()
            .map_err(|_| WireError::Rule {
                field: "origin",
                rule: "the name of a log",
            })?;
        let card = Self {
            answer_key: wire::verifying_key(&mut fields, "answer-key")?,
            log: LogVerifier::new(origin, wire::verifying_key(&mut fields, "log-key")?),
            tls_spki: wire::digest(&mut fields, "tls-spki")?,
        };
        fields.finish()?;
        Ok(card)
    }

    /// Its one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Value::map([
            ("v", Value::text(VERSION)),
            ("answer-key", Value::bytes(&self.answer_key.to_bytes())),
            ("log-key", Value::bytes(&self.log.key().to_bytes())),
            ("tls-spki", Value::bytes(self.tls_spki.as_bytes())),
            ("origin", Value::text(self.log.origin().as_str())),
        ])
        .encode()
    }

    /// The broker's id, which people pin.
    #[must_use]
    pub fn id(&self) -> Fingerprint {
        Fingerprint::new(sha256(&[&self.encode()]))
    }

    /// The key that signs answers and denials.
    #[must_use]
    pub const fn answer_key(&self) -> &VerifyingKey {
        &self.answer_key
    }

    /// The log's name and key, which open its checkpoints.
    #[must_use]
    pub const fn log(&self) -> &LogVerifier {
        &self.log
    }

    /// SHA-256 of the TLS certificate's `SubjectPublicKeyInfo` (DER).
    #[must_use]
    pub const fn tls_spki(&self) -> &Sha256Digest {
        &self.tls_spki
    }
}
