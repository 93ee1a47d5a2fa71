use adyton_appraisal::Appraised;
use adyton_codec::Value;
use adyton_crypto::{CryptoError, CryptoRng, Sealed, SecretBytes, hpke_seal};
use adyton_types::{ErrorClass, Name, Sha256Digest};
use thiserror::Error;

use crate::limits::MAX_SECRET_BYTES;
use crate::proof::{parse_leaf, parse_path, path_value};
use crate::{Leaf, Request, Salt, WireError, release_info, wire};

/// Length of an X-Wing encapsulated key.
const ENC_BYTES: usize = 1120;
/// Length of ChaCha20Poly1305's tag.
const TAG_BYTES: usize = 16;

/// Why a secret was not sealed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The platform that was appraised is not the one that sent this request.
    #[error("the appraised platform vouches for another request")]
    AnotherRequest,
    /// The secret is empty, or too long for an answer.
    #[error(transparent)]
    Length(#[from] WireError),
    /// Nothing can be sealed to the enclave's key.
    #[error("nothing can be sealed to the key in the request")]
    Key(#[from] CryptoError),
}

impl SealError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::AnotherRequest | Self::Length(_) => ErrorClass::Misuse,
            Self::Key(error) => error.class(),
        }
    }
}

/// What a broker releases: a secret, and the leaf that records it.
#[derive(Debug)]
pub struct Grant {
    /// The secret's name.
    pub secret: Name,
    /// The leaf's salt.
    pub salt: Salt,
    /// The secret's version.
    pub version: u64,
    /// Id of the release document.
    pub policy: Sha256Digest,
    /// The secret itself.
    pub value: SecretBytes,
    /// The leaf, already durable in the log.
    pub leaf: Leaf,
    /// The leaf's index.
    pub index: u64,
    /// Inclusion proof under the answer's checkpoint.
    pub path: Vec<Sha256Digest>,
}

/// One secret in an answer, sealed to the enclave that asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRelease {
    /// The secret's name.
    pub secret: Name,
    /// Opens the leaf's commitments to the secret's name and the release document's id.
    pub salt: Salt,
    /// The secret's version.
    pub version: u64,
    /// Id of the release document.
    pub policy: Sha256Digest,
    /// The sealed secret.
    pub sealed: Sealed,
    /// The leaf's index in the log.
    pub index: u64,
    /// The leaf.
    pub leaf: Leaf,
    /// Inclusion proof under the answer's checkpoint.
    pub path: Vec<Sha256Digest>,
}

impl SealedRelease {
    /// Seals a secret to the key in `request`. `platform` is the witness that the request's
    /// platform was appraised: without one no key leaves, and one of another request is refused.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal(
        grant: Grant,
        request: &Request,
        platform: &Appraised,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SealError> {
        if *platform.report_data() != request.binding().report_data() {
            return Err(SealError::AnotherRequest);
        }
        let value = grant.value.expose();
        wire::length("secret", value.len(), MAX_SECRET_BYTES)?;
        let info = release_info(
            request.digest(),
            &grant.secret,
            grant.version,
            &grant.policy,
        );
        let sealed = hpke_seal(&request.binding().kem, value, &info, &[], rng)?;
        Ok(Self {
            secret: grant.secret,
            salt: grant.salt,
            version: grant.version,
            policy: grant.policy,
            sealed,
            index: grant.index,
            leaf: grant.leaf,
            path: grant.path,
        })
    }

    pub(crate) fn to_value(&self) -> Value<'_> {
        Value::map([
            ("secret", Value::text(self.secret.as_str())),
            ("salt", Value::bytes(&self.salt)),
            ("version", Value::Uint(self.version)),
            ("policy", Value::bytes(self.policy.as_bytes())),
            ("enc", Value::bytes(&self.sealed.enc)),
            ("ct", Value::bytes(&self.sealed.ciphertext)),
            ("index", Value::Uint(self.index)),
            ("leaf", Value::Bytes(self.leaf.encode().into())),
            ("path", path_value(&self.path)),
        ])
    }

    pub(crate) fn parse(value: Value<'_>) -> Result<Self, WireError> {
        let mut fields = value.into_fields("releases")?;
        let enc: [u8; ENC_BYTES] = fields.array("enc")?;
        let release = Self {
            secret: wire::name(&mut fields, "secret")?,
            salt: fields.array("salt")?,
            version: fields.uint("version")?,
            policy: wire::digest(&mut fields, "policy")?,
            sealed: Sealed {
                enc: enc.to_vec(),
                ciphertext: wire::bytes(&mut fields, "ct", MAX_SECRET_BYTES + TAG_BYTES)?,
            },
            index: fields.uint("index")?,
            leaf: parse_leaf(&mut fields)?,
            path: parse_path(&mut fields)?,
        };
        fields.finish()?;
        Ok(release)
    }
}
