use adyton_appraisal::FailedClaim;
use adyton_codec::Value;
use adyton_crypto::{SigningKey, sign_labelled, verify_labelled};
use adyton_types::{Name, Sha256Digest};

use crate::card::MAX_CARD_BYTES;
use crate::limits::{MAX_ANSWER_BYTES, MAX_DENIED, MAX_TEXT_BYTES};
use crate::{AnswerError, Card, Freshness, WireError, wire};

const LABEL: &str = "adyton/release-denial/v1";

/// One reason for a denial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// The secret that it is about; none where it is about the request as a whole.
    pub secret: Option<Name>,
    /// The claim that failed. Each of its texts has at most
    /// [`MAX_TEXT_BYTES`](crate::limits::MAX_TEXT_BYTES) bytes.
    pub failed: FailedClaim,
}

/// What a broker answers to a request that it denies: every claim that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The broker's card.
    pub card: Card,
    /// Digest of the request.
    pub request: Sha256Digest,
    /// Every claim that failed, at least one.
    pub denied: Vec<Denied>,
    /// A token for the next request.
    pub token: Freshness,
}

/// A denial whose signature verified. Having one tells you that this broker denied this request,
/// for these reasons.
#[derive(Debug, PartialEq, Eq)]
pub struct VerifiedDenial {
    denied: Vec<Denied>,
    token: Freshness,
}

impl VerifiedDenial {
    /// Every claim that failed.
    #[must_use]
    pub fn denied(&self) -> &[Denied] {
        &self.denied
    }

    /// A token for the next request.
    #[must_use]
    pub const fn token(&self) -> &Freshness {
        &self.token
    }
}

impl Denial {
    /// The denial's bytes, signed by the card's answer key.
    #[must_use]
    pub fn sign(&self, answer_key: &SigningKey) -> Vec<u8> {
        let denied = self.denied.iter().map(|denied| {
            let secret = denied.secret.as_ref();
            Value::map([
                (
                    "secret",
                    secret.map_or(Value::Null, |s| Value::text(s.as_str())),
                ),
                ("claim", Value::text(cut(&denied.failed.claim))),
                ("expected", Value::text(cut(&denied.failed.expected))),
                ("found", Value::text(cut(&denied.failed.found))),
            ])
        });
        let payload = Value::map([
            ("v", Value::text(LABEL)),
            ("card", Value::Bytes(self.card.encode().into())),
            ("request", Value::bytes(self.request.as_bytes())),
            ("denied", Value::Array(denied.collect())),
            ("token", Value::bytes(self.token.as_bytes())),
        ]);
        sign_labelled(LABEL, answer_key, &payload.encode())
    }

    /// Verifies a denial of the request with this digest by the broker with this card, which the
    /// caller has compared with the pinned id.
    ///
    /// # Errors
    /// [`AnswerError`] names the first check that fails.
    pub fn verify(
        bytes: &[u8],
        card: &Card,
        request: &Sha256Digest,
    ) -> Result<VerifiedDenial, AnswerError> {
        wire::length("denial", bytes.len(), MAX_ANSWER_BYTES)?;
        let payload = verify_labelled(LABEL, card.answer_key(), bytes)?;
        let denial = Self::parse(&payload)?;
        let (expected, found) = (card.id(), denial.card.id());
        if found != expected {
            return Err(AnswerError::Card { expected, found });
        }
        if denial.request != *request {
            return Err(AnswerError::Request);
        }
        Ok(VerifiedDenial {
            denied: denial.denied,
            token: denial.token,
        })
    }

    fn parse(payload: &[u8]) -> Result<Self, WireError> {
        let mut fields = Value::decode(payload)?.into_fields("denial")?;
        fields.version("v", LABEL)?;
        let denied = wire::items(&mut fields, "denied", MAX_DENIED)?;
        wire::length("denied", denied.len(), MAX_DENIED)?;
        let denial = Self {
            card: Card::parse(&wire::bytes(&mut fields, "card", MAX_CARD_BYTES)?)?,
            request: wire::digest(&mut fields, "request")?,
            denied: denied
                .into_iter()
                .map(parse_denied)
                .collect::<Result<_, _>>()?,
            token: Freshness::new(&fields.bytes("token")?)?,
        };
        fields.finish()?;
        Ok(denial)
    }
}

/// As much of a text as a denial has room for: what Evidence states can be longer, and whoever asked
/// with it is still to be told of the other claims.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_TEXT_BYTES))
        .unwrap_or_default()
}

fn parse_denied(value: Value<'_>) -> Result<Denied, WireError> {
    let mut fields = value.into_fields("denied")?;
    let secret = match fields.nullable("secret")? {
        None => None,
        Some(value) => Some(value.into_text("secret")?.parse()?),
    };
    let denied = Denied {
        secret,
        failed: FailedClaim {
            claim: wire::note(&mut fields, "claim")?,
            expected: wire::note(&mut fields, "expected")?,
            found: wire::note(&mut fields, "found")?,
        },
    };
    fields.finish()?;
    Ok(denied)
}
