use adyton_codec::Value;
use adyton_crypto::{SigningKey, sign_labelled};
use adyton_merkle::MAX_NOTE_BYTES;
use adyton_types::Sha256Digest;

use crate::card::MAX_CARD_BYTES;
use crate::limits::MAX_OPERATIONS;
use crate::{Card, Freshness, SealedRelease, WireError, wire};

/// Label of the signature, and version mark of the payload.
pub(crate) const ANSWER: &str = "adyton/release-answer/v1";

/// What a broker answers to a request that it grants. Having one tells you nothing; an enclave
/// opens it by [`PendingRelease::open`](crate::PendingRelease::open).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The broker's card.
    pub card: Card,
    /// Digest of the request.
    pub request: Sha256Digest,
    /// The secrets, 1 to 16.
    pub releases: Vec<SealedRelease>,
    /// The log's signed checkpoint, under which every leaf is included.
    pub checkpoint: String,
    /// A token for the next request.
    pub token: Freshness,
}

impl Answer {
    /// The answer's bytes, signed by the card's answer key.
    #[must_use]
    pub fn sign(&self, answer_key: &SigningKey) -> Vec<u8> {
        let releases = self.releases.iter().map(SealedRelease::to_value);
        let payload = Value::map([
            ("v", Value::text(ANSWER)),
            ("card", Value::Bytes(self.card.encode().into())),
            ("request", Value::bytes(self.request.as_bytes())),
            ("releases", Value::Array(releases.collect())),
            ("checkpoint", Value::text(&self.checkpoint)),
            ("token", Value::bytes(self.token.as_bytes())),
        ]);
        sign_labelled(ANSWER, answer_key, &payload.encode())
    }

    pub(crate) fn parse(payload: &[u8]) -> Result<Self, WireError> {
        let mut fields = Value::decode(payload)?.into_fields("answer")?;
        fields.version("v", ANSWER)?;
        let releases = wire::items(&mut fields, "releases", MAX_OPERATIONS)?;
        wire::length("releases", releases.len(), MAX_OPERATIONS)?;
        let answer = Self {
            card: Card::parse(&wire::bytes(&mut fields, "card", MAX_CARD_BYTES)?)?,
            request: wire::digest(&mut fields, "request")?,
            releases: releases
                .into_iter()
                .map(SealedRelease::parse)
                .collect::<Result<_, _>>()?,
            checkpoint: wire::text(&mut fields, "checkpoint", MAX_NOTE_BYTES)?,
            token: Freshness::new(&fields.bytes("token")?)?,
        };
        fields.finish()?;
        Ok(answer)
    }
}
