use adyton_codec::Value;

use crate::card::MAX_CARD_BYTES;
use crate::{Card, Freshness, WireError, wire};

/// What a broker answers to `GET /v1/challenge`: its card, and a fresh epoch token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The broker's card, which must still be compared with the pinned id.
    pub card: Card,
    /// An epoch token.
    pub token: Freshness,
}

impl Challenge {
    /// Reads a challenge.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        let mut fields = Value::decode(bytes)?.into_fields("challenge")?;
        let challenge = Self {
            card: Card::parse(&wire::bytes(&mut fields, "card", MAX_CARD_BYTES)?)?,
            token: Freshness::new(&fields.bytes("token")?)?,
        };
        fields.finish()?;
        Ok(challenge)
    }

    /// Its one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Value::map([
            ("card", Value::Bytes(self.card.encode().into())),
            ("token", Value::bytes(self.token.as_bytes())),
        ])
        .encode()
    }
}
