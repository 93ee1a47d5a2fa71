use std::borrow::Cow;

use adyton_codec::Value;

use crate::{CcaError, HashAlgorithm, Part};

/// A claim set whose claims are taken out one by one, by key; what is left over is unknown.
pub(crate) struct ClaimMap<'a> {
    part: Part,
    entries: Vec<(Value<'a>, Value<'a>)>,
}

impl<'a> ClaimMap<'a> {
    /// Reads the payload of one half.
    pub(crate) fn parse(part: Part, payload: &'a [u8]) -> Result<Self, CcaError> {
        Self::of(part, Value::decode_unordered(payload)?, "claims")
    }

    /// A map within a claim.
    pub(crate) fn of(part: Part, value: Value<'a>, claim: &'static str) -> Result<Self, CcaError> {
        match value {
            Value::Map(entries) => Ok(Self { part, entries }),
            _ => Err(CcaError::BadClaim { part, claim }),
        }
    }

    fn optional(&mut self, key: u64) -> Option<Value<'a>> {
        let at = self
            .entries
            .iter()
            .position(|(found, _)| *found == Value::Uint(key))?;
        Some(self.entries.swap_remove(at).1)
    }

    fn required(&mut self, key: u64, claim: &'static str) -> Result<Value<'a>, CcaError> {
        let part = self.part;
        self.optional(key)
            .ok_or(CcaError::MissingClaim { part, claim })
    }

    pub(crate) const fn bad(&self, claim: &'static str) -> CcaError {
        CcaError::BadClaim {
            part: self.part,
            claim,
        }
    }

    /// Bytes of one of the lengths.
    pub(crate) fn bytes(
        &mut self,
        key: u64,
        claim: &'static str,
        lengths: &[usize],
    ) -> Result<Cow<'a, [u8]>, CcaError> {
        let Value::Bytes(bytes) = self.required(key, claim)? else {
            return Err(self.bad(claim));
        };
        if !lengths.is_empty() && !lengths.contains(&bytes.len()) {
            return Err(self.bad(claim));
        }
        Ok(bytes)
    }

    /// Exactly this many bytes.
    pub(crate) fn array<const N: usize>(
        &mut self,
        key: u64,
        claim: &'static str,
    ) -> Result<[u8; N], CcaError> {
        let bytes = self.bytes(key, claim, &[N])?;
        <[u8; N]>::try_from(bytes.as_ref()).map_err(|_| self.bad(claim))
    }

    pub(crate) fn uint(&mut self, key: u64, claim: &'static str) -> Result<u64, CcaError> {
        match self.required(key, claim)? {
            Value::Uint(n) => Ok(n),
            _ => Err(self.bad(claim)),
        }
    }

    pub(crate) fn items(
        &mut self,
        key: u64,
        claim: &'static str,
    ) -> Result<Vec<Value<'a>>, CcaError> {
        match self.required(key, claim)? {
            Value::Array(items) => Ok(items),
            _ => Err(self.bad(claim)),
        }
    }

    pub(crate) fn text(&mut self, key: u64, claim: &'static str) -> Result<String, CcaError> {
        let part = self.part;
        self.optional_text(key, claim)?
            .ok_or(CcaError::MissingClaim { part, claim })
    }

    pub(crate) fn optional_text(
        &mut self,
        key: u64,
        claim: &'static str,
    ) -> Result<Option<String>, CcaError> {
        match self.optional(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.into_owned())),
            Some(_) => Err(self.bad(claim)),
        }
    }

    pub(crate) fn hash(
        &mut self,
        key: u64,
        claim: &'static str,
    ) -> Result<HashAlgorithm, CcaError> {
        let part = self.part;
        self.optional_hash(key, claim)?
            .ok_or(CcaError::MissingClaim { part, claim })
    }

    pub(crate) fn optional_hash(
        &mut self,
        key: u64,
        claim: &'static str,
    ) -> Result<Option<HashAlgorithm>, CcaError> {
        self.optional_text(key, claim)?
            .map(|name| HashAlgorithm::parse(&name).ok_or(self.bad(claim)))
            .transpose()
    }

    /// Refuses what nobody took.
    pub(crate) fn finish(self) -> Result<(), CcaError> {
        match self.entries.into_iter().next() {
            None => Ok(()),
            Some((key, _)) => Err(CcaError::UnknownClaim {
                part: self.part,
                claim: name(&key),
            }),
        }
    }
}

/// A claim's key as people write it, cut to what fits a line.
fn name(key: &Value<'_>) -> String {
    match key {
        Value::Uint(n) => n.to_string(),
        Value::Nint(n) => i128::from(*n)
            .saturating_neg()
            .saturating_sub(1)
            .to_string(),
        Value::Text(text) => text.chars().take(80).collect(),
        _ => "a key that is neither a number nor a text".to_owned(),
    }
}
