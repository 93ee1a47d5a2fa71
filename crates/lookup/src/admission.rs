use std::collections::HashSet;

use adyton_codec::Value;
use adyton_crypto::{KemPublicKey, sha256};
use adyton_tokens::{Challenge, TOKEN_BYTES, Token, TokenKey};

use crate::class::QueryClass;
use crate::error::LookupError;
use crate::fault::WireFault;

/// The longest name of an issuer.
const MAX_ISSUER_BYTES: usize = 255;

/// Tokens that one enclave takes in all: 16 bytes of each are remembered. Then it has to be started
/// again, and tokens for the next one issued.
const MAX_SPENT: usize = 1 << 21;

/// Bytes of heap for them, a table that grows by doubling.
pub(crate) const SPENT_BYTES: usize = 128 << 20;

/// What a service takes for a query, if it takes anything: unlinkable tokens (RFC 9578), so that
/// whoever hands them out decides how much may be asked, and nobody learns by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenTerms {
    /// The issuer's name.
    pub issuer: String,
    /// The issuer's key.
    pub key: TokenKey,
    /// How many keys may be asked for a token, padding included.
    pub keys: u32,
}

impl TokenTerms {
    /// How many tokens a query takes. Public: its class says it.
    #[must_use]
    pub fn price(&self, class: QueryClass) -> usize {
        class
            .keys()
            .div_ceil(usize::try_from(self.keys).unwrap_or(usize::MAX).max(1))
    }

    /// What tokens for one enclave are issued over: they count nowhere else, and not after it has
    /// been started again, when it no longer knows which were spent.
    #[must_use]
    pub fn challenge(&self, kem: &KemPublicKey) -> [u8; 32] {
        let context = sha256(&[b"adyton/lookup-tokens/v1\0", &kem.to_bytes()]);
        let issuer = self.issuer.clone();
        Challenge { issuer, context }.digest()
    }

    pub(crate) fn to_value(&self) -> Value<'_> {
        Value::map([
            ("issuer", Value::text(&self.issuer)),
            ("key", Value::bytes(self.key.spki())),
            ("keys", Value::Uint(self.keys.into())),
        ])
    }

    pub(crate) fn from_value(value: Value<'_>) -> Result<Self, WireFault> {
        let mut fields = value.into_fields("tokens")?;
        let (issuer, key) = (fields.text("issuer")?, fields.bytes("key")?);
        let found = fields.uint("keys")?;
        fields.finish()?;
        if issuer.is_empty() || issuer.len() > MAX_ISSUER_BYTES {
            return Err(WireFault::Field { field: "issuer" });
        }
        let keys = u32::try_from(found).ok().filter(|keys| *keys > 0);
        Ok(Self {
            issuer: issuer.into_owned(),
            key: TokenKey::from_spki(&key).map_err(|_| WireFault::Field { field: "key" })?,
            keys: keys.ok_or(WireFault::Number {
                field: "keys",
                found,
            })?,
        })
    }
}

/// Takes tokens, each once. Which ones were spent is looked up in an ordinary hash table: they are
/// random numbers that nobody can connect with anybody.
pub(crate) struct Admission {
    key: TokenKey,
    challenge: [u8; 32],
    spent: HashSet<u128>,
}

impl Admission {
    pub(crate) fn new(terms: &TokenTerms, kem: &KemPublicKey) -> Self {
        Self {
            key: terms.key.clone(),
            challenge: terms.challenge(kem),
            spent: HashSet::new(),
        }
    }

    /// Spends all of them, or none.
    pub(crate) fn spend(&mut self, tokens: &[u8]) -> Result<(), LookupError> {
        let mut new = Vec::new();
        for token in tokens.chunks(TOKEN_BYTES) {
            let token = Token::parse(token)?;
            self.key.verify(&token, &self.challenge)?;
            let nonce = token.nonce().first_chunk().copied().unwrap_or_default();
            let nonce = u128::from_le_bytes(nonce);
            if self.spent.contains(&nonce) || new.contains(&nonce) {
                return Err(LookupError::Spent);
            }
            new.push(nonce);
        }
        if self.spent.len() + new.len() > MAX_SPENT {
            return Err(LookupError::NoMoreTokens);
        }
        self.spent.extend(new);
        Ok(())
    }
}
