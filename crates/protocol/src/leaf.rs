use std::fmt;

use adyton_codec::{Fields, Value};
use adyton_crypto::sha256;
use adyton_types::{
    Name, PlatformId, PlatformMeasurement, ProgramMeasurement, Sha256Digest, TeeKind, UnixTime,
};

use crate::limits::MAX_LEAF_BYTES;
use crate::{WireError, wire};

const VERSION: &str = "adyton/leaf/v1";

/// What hides which secret a leaf is about: of each secret, random bytes that only its owner sees,
/// and of each leaf, bytes made of them by [`leaf_salt`], which open that leaf and no other.
pub type Salt = [u8; 16];

/// What a leaf of the decision log records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeafType {
    /// A secret was released.
    Release,
    /// A release was denied.
    Deny,
    /// A release document was put or deleted.
    Policy,
    /// A secret was put or deleted.
    Secret,
    /// The broker started.
    Boot,
}

impl LeafType {
    /// Every type.
    pub const ALL: [Self; 5] = [
        Self::Release,
        Self::Deny,
        Self::Policy,
        Self::Secret,
        Self::Boot,
    ];

    /// Its name in the leaf.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Deny => "deny",
            Self::Policy => "policy",
            Self::Secret => "secret",
            Self::Boot => "boot",
        }
    }
}

impl fmt::Display for LeafType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The platform that a decision was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafPlatform {
    /// The TEE's kind.
    pub kind: TeeKind,
    /// Which Adyton ran.
    pub measurement: PlatformMeasurement,
    /// On which machine.
    pub id: PlatformId,
}

/// One entry of a broker's decision log (`specs/decision-log.md`). Having one tells you nothing;
/// an inclusion proof under a signed checkpoint does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// What it records.
    pub leaf_type: LeafType,
    /// When, by the broker's clock.
    pub time: UnixTime,
    /// Digest of the request.
    pub request: Option<Sha256Digest>,
    /// Commitment to the secret's name, by [`secret_commitment`].
    pub secret: Option<Sha256Digest>,
    /// The secret's version.
    pub version: Option<u64>,
    /// Commitment to the release document's id, by [`policy_commitment`].
    pub policy: Option<Sha256Digest>,
    /// Which program asked.
    pub program: Option<ProgramMeasurement>,
    /// On which platform.
    pub platform: Option<LeafPlatform>,
    /// What more there is to say; at most [`MAX_TEXT_BYTES`](crate::limits::MAX_TEXT_BYTES) bytes.
    pub detail: String,
}

impl Leaf {
    /// Its one encoding: the log's entry.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let digest = |d: &'_ Option<Sha256Digest>| d.map_or(Value::Null, |d| owned(d.as_bytes()));
        let platform = self.platform.as_ref().map_or(Value::Null, |platform| {
            Value::map([
                ("kind", Value::text(platform.kind.as_str())),
                ("measurement", Value::bytes(platform.measurement.as_bytes())),
                ("id", Value::bytes(platform.id.as_bytes())),
            ])
        });
        Value::map([
            ("v", Value::text(VERSION)),
            ("type", Value::text(self.leaf_type.as_str())),
            ("time", Value::Uint(self.time.as_secs())),
            ("request", digest(&self.request)),
            ("secret", digest(&self.secret)),
            ("version", self.version.map_or(Value::Null, Value::Uint)),
            ("policy", digest(&self.policy)),
            (
                "program",
                self.program.map_or(Value::Null, |p| owned(p.as_bytes())),
            ),
            ("platform", platform),
            ("detail", Value::text(&self.detail)),
        ])
        .encode()
    }

    /// Reads an entry.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        wire::length("leaf", bytes.len(), MAX_LEAF_BYTES)?;
        let mut fields = Value::decode(bytes)?.into_fields("leaf")?;
        fields.version("v", VERSION)?;
        let version = fields.nullable("version")?;
        let program = fields.nullable("program")?;
        let leaf = Self {
            leaf_type: leaf_type(&fields.text("type")?)?,
            time: wire::time(&mut fields, "time")?,
            request: nullable_digest(&mut fields, "request")?,
            secret: nullable_digest(&mut fields, "secret")?,
            version: version.map(|v| v.into_uint("version")).transpose()?,
            policy: nullable_digest(&mut fields, "policy")?,
            program: program
                .map(|p| p.into_array("program").map(ProgramMeasurement::new))
                .transpose()?,
            platform: fields.nullable("platform")?.map(platform).transpose()?,
            detail: wire::note(&mut fields, "detail")?,
        };
        fields.finish()?;
        Ok(leaf)
    }
}

/// The salt of the leaf at `index` that is about the secret with this salt: the first 16 bytes of
/// `H256("adyton/leaf-salt/v1" ‖ 0x00 ‖ secret's salt ‖ be64(index))`.
///
/// # Panics
/// Never: a digest has more than 16 bytes.
#[must_use]
pub fn leaf_salt(secret: &Salt, index: u64) -> Salt {
    let digest = sha256(&[b"adyton/leaf-salt/v1\0", secret, &index.to_be_bytes()]);
    *digest.first_chunk().expect("a digest has more bytes")
}

/// The commitment by which a leaf names a release document:
/// `H256("adyton/leaf-policy/v1" ‖ 0x00 ‖ leaf's salt ‖ document id)`.
#[must_use]
pub fn policy_commitment(salt: &Salt, document: &Sha256Digest) -> Sha256Digest {
    let parts: [&[u8]; 3] = [b"adyton/leaf-policy/v1\0", salt, document.as_bytes()];
    Sha256Digest::new(sha256(&parts))
}

/// The commitment by which a leaf names a secret:
/// `H256("adyton/leaf-secret/v1" ‖ 0x00 ‖ leaf's salt ‖ secret name)`.
#[must_use]
pub fn secret_commitment(salt: &Salt, secret: &Name) -> Sha256Digest {
    Sha256Digest::new(sha256(&[
        b"adyton/leaf-secret/v1\0",
        salt,
        secret.as_str().as_bytes(),
    ]))
}

fn owned(bytes: &[u8]) -> Value<'static> {
    Value::Bytes(bytes.to_vec().into())
}

fn leaf_type(name: &str) -> Result<LeafType, WireError> {
    LeafType::ALL
        .into_iter()
        .find(|t| t.as_str() == name)
        .ok_or(WireError::Rule {
            field: "type",
            rule: "a type of leaf",
        })
}

fn nullable_digest(
    fields: &mut Fields<'_>,
    field: &'static str,
) -> Result<Option<Sha256Digest>, WireError> {
    let value = fields.nullable(field)?;
    let bytes = value.map(|v| v.into_array(field)).transpose()?;
    Ok(bytes.map(Sha256Digest::new))
}

fn platform(value: Value<'_>) -> Result<LeafPlatform, WireError> {
    let mut fields = value.into_fields("platform")?;
    let platform = LeafPlatform {
        kind: fields.text("kind")?.parse()?,
        measurement: PlatformMeasurement::new(&fields.bytes("measurement")?)?,
        id: PlatformId::new(&fields.bytes("id")?)?,
    };
    fields.finish()?;
    Ok(platform)
}
