use adyton_codec::{Fields, Value};
use adyton_merkle::{MAX_NOTE_BYTES, MAX_PROOF_HASHES, MerkleError, leaf_hash, verify_inclusion};
use adyton_types::{ErrorClass, Name, ProgramMeasurement, Sha256Digest};
use thiserror::Error;

use crate::card::MAX_CARD_BYTES;
use crate::limits::MAX_LEAF_BYTES;
use crate::{Card, Leaf, LeafType, Salt, WireError, policy_commitment, secret_commitment, wire};

/// Why a release is not proven by its broker's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The checkpoint is not signed by the card's log key, or is another log's.
    #[error("the checkpoint is not the broker's")]
    Checkpoint(#[source] MerkleError),
    /// The leaf is not in the log under the checkpoint.
    #[error("the leaf is not in the log")]
    Inclusion(#[source] MerkleError),
    /// The leaf does not record a release.
    #[error("the leaf does not record a release")]
    LeafType,
    /// The leaf is about another secret.
    #[error("the leaf is about another secret")]
    LeafSecret,
    /// The leaf is about another version of the secret.
    #[error("the leaf is about another version of the secret")]
    LeafVersion,
    /// The leaf names another release document.
    #[error("the leaf names another release document")]
    LeafPolicy,
    /// The leaf is about another request.
    #[error("the leaf is about another request")]
    LeafRequest,
    /// The leaf is about another program.
    #[error("the leaf is about another program")]
    LeafProgram,
}

impl ProofError {
    /// The check's name, as in the failed checks of a receipt.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Checkpoint(_) => "checkpoint",
            Self::Inclusion(_) => "inclusion",
            Self::LeafType => "leaf-type",
            Self::LeafSecret => "leaf-secret",
            Self::LeafVersion => "leaf-version",
            Self::LeafPolicy => "leaf-policy",
            Self::LeafRequest => "leaf-request",
            Self::LeafProgram => "leaf-program",
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn class(self) -> ErrorClass {
        ErrorClass::Rejected
    }
}

/// A release with its proof in the broker's log, as an answer brings it and a receipt shows it.
/// Having one tells you nothing until [`failures`](Self::failures) is empty and the card is one
/// that you have pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseProof {
    /// The broker's card.
    pub card: Card,
    /// Digest of the request.
    pub request: Sha256Digest,
    /// Which secret was released.
    pub secret: Name,
    /// Opens the leaf's commitments to the secret's name and the release document's id.
    pub salt: Salt,
    /// The secret's version.
    pub version: u64,
    /// Id of the release document.
    pub policy: Sha256Digest,
    /// The leaf's index in the log.
    pub index: u64,
    /// The leaf.
    pub leaf: Leaf,
    /// Inclusion proof of the leaf.
    pub path: Vec<Sha256Digest>,
    /// The log's signed checkpoint.
    pub checkpoint: String,
}

impl ReleaseProof {
    /// Everything that keeps this from proving that the card's broker released this secret to
    /// `program` by this request.
    #[must_use]
    pub fn failures(&self, program: &ProgramMeasurement) -> Vec<ProofError> {
        let secret = secret_commitment(&self.salt, &self.secret);
        let policy = policy_commitment(&self.salt, &self.policy);
        let leaf = &self.leaf;
        let facts = [
            (leaf.leaf_type == LeafType::Release, ProofError::LeafType),
            (leaf.secret == Some(secret), ProofError::LeafSecret),
            (leaf.version == Some(self.version), ProofError::LeafVersion),
            (leaf.policy == Some(policy), ProofError::LeafPolicy),
            (leaf.request == Some(self.request), ProofError::LeafRequest),
            (leaf.program == Some(*program), ProofError::LeafProgram),
        ];
        facts
            .into_iter()
            .filter_map(|(holds, error)| (!holds).then_some(error))
            .chain(self.verify_log().err())
            .collect()
    }

    fn verify_log(&self) -> Result<(), ProofError> {
        let opened = self.card.log().open(&self.checkpoint);
        let checkpoint = opened.map_err(ProofError::Checkpoint)?;
        let leaf = leaf_hash(&self.leaf.encode());
        let (size, root) = (checkpoint.size, &checkpoint.root);
        verify_inclusion(&leaf, self.index, size, &self.path, root).map_err(ProofError::Inclusion)
    }

    pub(crate) fn to_value(&self) -> Value<'_> {
        Value::map([
            ("card", Value::Bytes(self.card.encode().into())),
            ("request", Value::bytes(self.request.as_bytes())),
            ("secret", Value::text(self.secret.as_str())),
            ("salt", Value::bytes(&self.salt)),
            ("version", Value::Uint(self.version)),
            ("policy", Value::bytes(self.policy.as_bytes())),
            ("index", Value::Uint(self.index)),
            ("leaf", Value::Bytes(self.leaf.encode().into())),
            ("path", path_value(&self.path)),
            ("checkpoint", Value::text(&self.checkpoint)),
        ])
    }

    pub(crate) fn parse(value: Value<'_>) -> Result<Self, WireError> {
        let mut fields = value.into_fields("releases")?;
        let proof = Self {
            card: Card::parse(&wire::bytes(&mut fields, "card", MAX_CARD_BYTES)?)?,
            request: wire::digest(&mut fields, "request")?,
            secret: wire::name(&mut fields, "secret")?,
            salt: fields.array("salt")?,
            version: fields.uint("version")?,
            policy: wire::digest(&mut fields, "policy")?,
            index: fields.uint("index")?,
            leaf: parse_leaf(&mut fields)?,
            path: parse_path(&mut fields)?,
            checkpoint: wire::text(&mut fields, "checkpoint", MAX_NOTE_BYTES)?,
        };
        fields.finish()?;
        Ok(proof)
    }
}

pub(crate) fn parse_leaf(fields: &mut Fields<'_>) -> Result<Leaf, WireError> {
    Leaf::parse(&wire::bytes(fields, "leaf", MAX_LEAF_BYTES)?)
}

pub(crate) fn path_value(path: &[Sha256Digest]) -> Value<'_> {
    Value::Array(path.iter().map(|h| Value::bytes(h.as_bytes())).collect())
}

pub(crate) fn parse_path(fields: &mut Fields<'_>) -> Result<Vec<Sha256Digest>, WireError> {
    let items = wire::items(fields, "path", MAX_PROOF_HASHES)?.into_iter();
    items
        .map(|item| Ok(Sha256Digest::new(item.into_array("path")?)))
        .collect()
}
