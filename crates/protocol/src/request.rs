use adyton_codec::Value;
use adyton_crypto::{SIGNATURE_BYTES, SigningKey, sha256};
use adyton_types::{ErrorClass, Evidence, Fingerprint, Sha256Digest, UnixTime};
use thiserror::Error;

use crate::limits::MAX_REQUEST_BYTES;
use crate::{Binding, EpochTokens, Operations, Role, TokenError, WireError, wire};

const VERSION: &str = "adyton/release-request/v1";

/// Why bytes are not a release request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RequestError {
    /// Its form is wrong.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The binding is of another role.
    #[error("the request's binding is not of role `enclave`")]
    Role,
    /// The binding names a TLS channel, which nobody can vouch for here.
    #[error("the request's binding names a TLS channel; version 1 has none")]
    Channel,
    /// The binding is about other operations.
    #[error("the request's binding is about other operations")]
    Operations,
    /// The key in the binding did not sign the request.
    #[error("the request is not signed by the key in its binding")]
    Signature,
    /// The token is not fresh, or not of this broker.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The binding is for another broker.
    #[error("the request's binding is for broker `{found}`, not for `{expected}`")]
    RelyingParty {
        /// This broker's id.
        expected: Fingerprint,
        /// The id in the binding.
        found: Fingerprint,
    },
}

impl RequestError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Wire(error) => error.class(),
            Self::Token(error) => error.class(),
            Self::Role
            | Self::Channel
            | Self::Operations
            | Self::Signature
            | Self::RelyingParty { .. } => ErrorClass::Rejected,
        }
    }
}

/// A release request that hangs together. Having one tells you that the holder of the binding's
/// signing key sent it, and that the binding is for role `enclave` and about these operations. It
/// tells you nothing of the Evidence, and before [`authenticate`](Self::authenticate) nothing of the
/// token or whom the binding is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    evidence: Evidence,
    binding: Binding,
    operations: Operations,
    digest: Sha256Digest,
}

impl Request {
    /// Reads a request, and verifies what can be verified from the request alone.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        wire::length("request", bytes.len(), MAX_REQUEST_BYTES)?;
        let mut fields = Value::decode(bytes)
            .and_then(|value| value.into_fields("request"))
            .map_err(WireError::from)?;
        fields.version("v", VERSION).map_err(WireError::from)?;
        let signature: [u8; SIGNATURE_BYTES] = fields.array("sig").map_err(WireError::from)?;
        let request = Self {
            evidence: wire::evidence(&mut fields)?,
            binding: Binding::from_value(fields.required("binding").map_err(WireError::from)?)?,
            operations: Operations::parse(&mut fields)?,
            digest: Sha256Digest::new(sha256(&[bytes])),
        };
        fields.finish().map_err(WireError::from)?;
        request.verify(&signature)?;
        Ok(request)
    }

    fn verify(&self, signature: &[u8; SIGNATURE_BYTES]) -> Result<(), RequestError> {
        if self.binding.role != Role::Enclave {
            return Err(RequestError::Role);
        }
        if self.binding.channel.is_some() {
            return Err(RequestError::Channel);
        }
        if self.binding.ops != self.operations.digest() {
            return Err(RequestError::Operations);
        }
        let signed = to_be_signed(&self.evidence, &self.binding, &self.operations);
        let verified = self.binding.signing.verify(&signed, signature);
        verified.map_err(|_| RequestError::Signature)
    }

    /// Authenticates and dates the token, and compares the binding's Relying Party with the broker
    /// whose tokens these are.
    ///
    /// # Errors
    /// [`RequestError::Token`] or [`RequestError::RelyingParty`].
    pub fn authenticate(&self, tokens: &EpochTokens, now: UnixTime) -> Result<(), RequestError> {
        tokens.verify(&self.binding.fresh, now)?;
        let (expected, found) = (tokens.broker(), self.binding.relying_party);
        if found == expected {
            Ok(())
        } else {
            Err(RequestError::RelyingParty { expected, found })
        }
    }

    /// The Evidence, unverified.
    #[must_use]
    pub const fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The binding, whose report data the Evidence must carry.
    #[must_use]
    pub const fn binding(&self) -> &Binding {
        &self.binding
    }

    /// What is asked for.
    #[must_use]
    pub const fn operations(&self) -> &Operations {
        &self.operations
    }

    /// SHA-256 of the request's bytes.
    #[must_use]
    pub const fn digest(&self) -> &Sha256Digest {
        &self.digest
    }
}

/// Encodes a request signed by `key`, which must be that of the binding.
pub(crate) fn encode_request(
    evidence: &Evidence,
    binding: &Binding,
    operations: &Operations,
    key: &SigningKey,
) -> Vec<u8> {
    let signature = key.sign(&to_be_signed(evidence, binding, operations));
    let mut entries = entries(evidence, binding, operations);
    entries.push((Value::text("sig"), Value::bytes(&signature)));
    Value::Map(entries).encode()
}

fn to_be_signed(evidence: &Evidence, binding: &Binding, operations: &Operations) -> Vec<u8> {
    let unsigned = Value::Map(entries(evidence, binding, operations)).encode();
    [VERSION.as_bytes(), &[0], &unsigned].concat()
}

fn entries<'a>(
    evidence: &'a Evidence,
    binding: &'a Binding,
    operations: &'a Operations,
) -> Vec<(Value<'a>, Value<'a>)> {
    vec![
        (Value::text("v"), Value::text(VERSION)),
        (Value::text("evidence"), wire::evidence_value(evidence)),
        (Value::text("binding"), binding.to_value()),
        (Value::text("ops"), operations.to_value()),
    ]
}
