use adyton_codec::{Fields, Value};
use adyton_protocol::Salt;
use adyton_types::{Name, Sha256Digest};

use crate::{AdminError, ReleaseDocument};

const VERSION: &str = "adyton/admin-reply/v1";

/// What is known of a secret, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretInfo {
    /// Its name.
    pub name: Name,
    /// The version that would be released; 0 if no value was ever put.
    pub version: u64,
    /// Whether it has a value; not after it was deleted.
    pub has_value: bool,
    /// Of this, the log's commitments to its name and its document are made: whoever has it finds
    /// all its leaves.
    pub salt: Salt,
    /// What the value opens.
    pub note: String,
    /// Its release document's id.
    pub policy: Option<Sha256Digest>,
    /// How often it was released under that document.
    pub releases: u64,
    /// How often it may be.
    pub max_releases: u64,
}

/// What the broker says to an owner's command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminReply {
    /// Done, and recorded in the log at this index.
    Recorded {
        /// Index of the leaf.
        index: u64,
        /// The secret's version now.
        version: u64,
        /// Id of the release document, where the command was about one.
        policy: Option<Sha256Digest>,
    },
    /// The secrets, by name.
    Secrets(Vec<SecretInfo>),
    /// A release document, and how often it was used.
    Policy {
        /// The document.
        document: ReleaseDocument,
        /// How often it was used.
        releases: u64,
    },
    /// Log entries.
    Log {
        /// Index of the first.
        first: u64,
        /// The entries' bytes.
        entries: Vec<Vec<u8>>,
        /// The log's signed checkpoint.
        checkpoint: String,
    },
}

impl AdminReply {
    /// Its one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let version = || ("v", Value::text(VERSION));
        match self {
            Self::Recorded {
                index,
                version: secret_version,
                policy,
            } => Value::map([
                version(),
                ("reply", Value::text("recorded")),
                ("index", Value::Uint(*index)),
                ("version", Value::Uint(*secret_version)),
                ("policy", digest(policy.as_ref())),
            ])
            .encode(),
            Self::Secrets(secrets) => Value::map([
                version(),
                ("reply", Value::text("secrets")),
                (
                    "secrets",
                    Value::Array(secrets.iter().map(info_value).collect()),
                ),
            ])
            .encode(),
            Self::Policy { document, releases } => Value::map([
                version(),
                ("reply", Value::text("policy")),
                ("document", Value::Bytes(document.encode().into())),
                ("releases", Value::Uint(*releases)),
            ])
            .encode(),
            Self::Log {
                first,
                entries,
                checkpoint,
            } => Value::map([
                version(),
                ("reply", Value::text("log")),
                ("first", Value::Uint(*first)),
                (
                    "entries",
                    Value::Array(entries.iter().map(|e| Value::bytes(e)).collect()),
                ),
                ("checkpoint", Value::text(checkpoint)),
            ])
            .encode(),
        }
    }

    /// Reads a reply.
    ///
    /// # Errors
    /// [`AdminError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, AdminError> {
        let mut fields = Value::decode(bytes)?.into_fields("reply")?;
        fields.version("v", VERSION)?;
        let reply = match fields.text("reply")?.as_ref() {
            "recorded" => Self::Recorded {
                index: fields.uint("index")?,
                version: fields.uint("version")?,
                policy: nullable_digest(&mut fields)?,
            },
            "secrets" => {
                let secrets = fields.items("secrets")?.into_iter().map(info);
                Self::Secrets(secrets.collect::<Result<_, _>>()?)
            }
            "policy" => Self::Policy {
                document: ReleaseDocument::decode(&fields.bytes("document")?)?,
                releases: fields.uint("releases")?,
            },
            "log" => Self::Log {
                first: fields.uint("first")?,
                entries: fields
                    .items("entries")?
                    .into_iter()
                    .map(|entry| Ok(entry.into_bytes("entries")?.into_owned()))
                    .collect::<Result<_, AdminError>>()?,
                checkpoint: fields.text("checkpoint")?.into_owned(),
            },
            other => {
                let name = other.chars().take(40).collect();
                return Err(AdminError::UnknownCommand { name });
            }
        };
        fields.finish()?;
        Ok(reply)
    }
}

fn digest(digest: Option<&Sha256Digest>) -> Value<'_> {
    digest.map_or(Value::Null, |d| Value::bytes(d.as_bytes()))
}

fn nullable_digest(fields: &mut Fields<'_>) -> Result<Option<Sha256Digest>, AdminError> {
    let digest = fields.nullable("policy")?;
    let digest = digest.map(|d| d.into_array("policy")).transpose()?;
    Ok(digest.map(Sha256Digest::new))
}

fn info_value(info: &SecretInfo) -> Value<'_> {
    Value::map([
        ("secret", Value::text(info.name.as_str())),
        ("version", Value::Uint(info.version)),
        ("value", Value::Bool(info.has_value)),
        ("salt", Value::bytes(&info.salt)),
        ("note", Value::text(&info.note)),
        ("policy", digest(info.policy.as_ref())),
        ("releases", Value::Uint(info.releases)),
        ("max-releases", Value::Uint(info.max_releases)),
    ])
}

fn info(value: Value<'_>) -> Result<SecretInfo, AdminError> {
    let mut fields = value.into_fields("secrets")?;
    let info = SecretInfo {
        name: fields.text("secret")?.parse()?,
        version: fields.uint("version")?,
        has_value: fields.bool("value")?,
        salt: fields.array("salt")?,
        note: fields.text("note")?.into_owned(),
        policy: nullable_digest(&mut fields)?,
        releases: fields.uint("releases")?,
        max_releases: fields.uint("max-releases")?,
    };
    fields.finish()?;
    Ok(info)
}
