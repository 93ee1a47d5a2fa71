use adyton_codec::Value;
use adyton_crypto::{VerifyingKey, sha256};
use adyton_oblivious::Shape;
use adyton_types::Sha256Digest;

use crate::admission::TokenTerms;
use crate::class::QueryClass;
use crate::fault::WireFault;
use crate::key::KeyKind;

const VERSION: &str = "adyton/lookup-terms/v1";

/// The longest that a query may wait for others to share its batch.
pub const MAX_WINDOW_MS: u64 = 1000;

/// What a service says of itself; its Evidence vouches for it. Having one tells you nothing until
/// that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What the keys are.
    pub keys: KeyKind,
    /// Bytes of each value, at most 64.
    pub value_bytes: usize,
    /// The most records that the table takes.
    pub capacity: usize,
    /// The key that loads the table and changes it.
    pub owner: VerifyingKey,
    /// The most keys that one session may ask, padding included.
    pub quota: u64,
    /// How long a query waits for others to share its batch, in milliseconds.
    pub window_ms: u64,
    /// What a query costs, if it costs anything.
    pub tokens: Option<TokenTerms>,
}

impl Terms {
    /// Reads terms.
    ///
    /// # Errors
    /// [`WireFault`].
    pub fn parse(bytes: &[u8]) -> Result<Self, WireFault> {
        let mut fields = Value::decode(bytes)?.into_fields("terms")?;
        fields.version("v", VERSION)?;
        let number = |field, max, found| match usize::try_from(found) {
            Ok(found) if found <= max => Ok(found),
            _ => Err(WireFault::Number { field, found }),
        };
        let keys = fields.text("keys")?.parse();
        let owner = fields.array("owner")?;
        let tokens = fields.nullable("tokens")?;
        let terms = Self {
            keys: keys.map_err(|_| WireFault::Field { field: "keys" })?,
            value_bytes: number("value-bytes", 64, fields.uint("value-bytes")?)?,
            capacity: number("capacity", usize::MAX, fields.uint("capacity")?)?,
            owner: VerifyingKey::from_bytes(&owner)
                .map_err(|_| WireFault::Field { field: "owner" })?,
            quota: fields.uint("quota")?,
            window_ms: fields.uint("window-ms")?,
            tokens: tokens.map(TokenTerms::from_value).transpose()?,
        };
        fields.finish()?;
        if terms.window_ms > MAX_WINDOW_MS {
            let (field, found) = ("window-ms", terms.window_ms);
            return Err(WireFault::Number { field, found });
        }
        Ok(terms)
    }

    /// Their one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Value::map([
            ("v", Value::text(VERSION)),
            ("keys", Value::text(self.keys.as_str())),
            ("value-bytes", Value::Uint(self.value_bytes as u64)),
            ("capacity", Value::Uint(self.capacity as u64)),
            ("owner", Value::bytes(&self.owner.to_bytes())),
            ("quota", Value::Uint(self.quota)),
            ("window-ms", Value::Uint(self.window_ms)),
            (
                "tokens",
                self.tokens
                    .as_ref()
                    .map_or(Value::Null, TokenTerms::to_value),
            ),
        ])
        .encode()
    }

    /// How many tokens a query takes.
    #[must_use]
    pub fn price(&self, class: QueryClass) -> usize {
        self.tokens.as_ref().map_or(0, |tokens| tokens.price(class))
    }

    /// What the binding names them by.
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::new(sha256(&[&self.encode()]))
    }

    /// Bytes of one answer: whether there is a record, and its value.
    #[must_use]
    pub const fn answer_bytes(&self) -> usize {
        1 + self.value_bytes
    }

    pub(crate) fn shape(&self) -> Shape {
        let shape = Shape::new(self.keys.oblivious(), self.value_bytes);
        shape.expect("terms have at most 64 bytes of value, and keys that tables can have")
    }
}
