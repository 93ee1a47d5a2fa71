use adyton_codec::{Fields, Value};
use adyton_crypto::SecretBytes;
use adyton_protocol::limits::MAX_SECRET_BYTES;
use adyton_types::Name;

use crate::{AdminError, ReleaseDocument};

/// The most bytes of a secret's note.
pub const MAX_NOTE_BYTES: usize = 256;

/// The most log entries in one reply: with 8 KiB each at most, 2 MiB.
pub const MAX_ENTRIES_AT_ONCE: u64 = 256;

const VERSION: &str = "adyton/admin-command/v1";

/// What an owner tells its broker to do. Whoever can send one is the owner: the shell sees to that.
#[derive(Debug)]
pub enum AdminCommand {
    /// Puts a value: the secret's first, or its next version.
    SecretPut {
        /// The secret.
        name: Name,
        /// The value.
        value: SecretBytes,
        /// What the value opens, for people; shown in lists.
        note: String,
    },
    /// Deletes a secret's value. Its name, salt and version stay known.
    SecretDelete {
        /// The secret.
        name: Name,
    },
    /// Lists the secrets, without their values.
    SecretList,
    /// Shows one secret, without its value.
    SecretShow {
        /// The secret.
        name: Name,
    },
    /// Puts a release document, in place of the secret's old one.
    PolicyPut {
        /// The document.
        document: ReleaseDocument,
    },
    /// Deletes a secret's release document: from then on nobody gets the secret.
    PolicyDelete {
        /// The secret.
        secret: Name,
    },
    /// Shows a secret's release document.
    PolicyShow {
        /// The secret.
        secret: Name,
    },
    /// Entries of the decision log from an index on, with a checkpoint.
    Log {
        /// Index of the first.
        from: u64,
        /// How many at most; never more than [`MAX_ENTRIES_AT_ONCE`].
        limit: u64,
    },
}

impl AdminCommand {
    /// Its one encoding. It holds a secret's value in plain, so it is a secret itself.
    #[must_use]
    pub fn encode(&self) -> SecretBytes {
        let name = |name: &'static str| ("command", Value::text(name));
        let about = |key, secret: &Name| (key, Value::Text(secret.as_str().to_owned().into()));
        let version = || ("v", Value::text(VERSION));
        let value = match self {
            Self::SecretPut {
                name: secret,
                value,
                note,
            } => Value::map([
                version(),
                name("secret-put"),
                about("secret", secret),
                ("value", Value::bytes(value.expose())),
                ("note", Value::text(note)),
            ]),
            Self::SecretDelete { name: secret } => {
                Value::map([version(), name("secret-delete"), about("secret", secret)])
            }
            Self::SecretList => Value::map([version(), name("secret-list")]),
            Self::SecretShow { name: secret } => {
                Value::map([version(), name("secret-show"), about("secret", secret)])
            }
            Self::PolicyPut { document } => Value::map([
                version(),
                name("policy-put"),
                ("document", Value::Bytes(document.encode().into())),
            ]),
            Self::PolicyDelete { secret } => {
                Value::map([version(), name("policy-delete"), about("secret", secret)])
            }
            Self::PolicyShow { secret } => {
                Value::map([version(), name("policy-show"), about("secret", secret)])
            }
            Self::Log { from, limit } => Value::map([
                version(),
                name("log"),
                ("from", Value::Uint(*from)),
                ("limit", Value::Uint(*limit)),
            ]),
        };
        SecretBytes::new(value.encode())
    }

    /// Reads a command.
    ///
    /// # Errors
    /// [`AdminError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, AdminError> {
        let mut fields = Value::decode(bytes)?.into_fields("command")?;
        fields.version("v", VERSION)?;
        let command = match fields.text("command")?.as_ref() {
            "secret-put" => Self::SecretPut {
                name: name(&mut fields)?,
                value: value(&mut fields)?,
                note: note(&mut fields)?,
            },
            "secret-delete" => Self::SecretDelete {
                name: name(&mut fields)?,
            },
            "secret-list" => Self::SecretList,
            "secret-show" => Self::SecretShow {
                name: name(&mut fields)?,
            },
            "policy-put" => Self::PolicyPut {
                document: ReleaseDocument::decode(&fields.bytes("document")?)?,
            },
            "policy-delete" => Self::PolicyDelete {
                secret: name(&mut fields)?,
            },
            "policy-show" => Self::PolicyShow {
                secret: name(&mut fields)?,
            },
            "log" => Self::Log {
                from: fields.uint("from")?,
                limit: fields.uint("limit")?,
            },
            other => {
                let name = other.chars().take(40).collect();
                return Err(AdminError::UnknownCommand { name });
            }
        };
        fields.finish()?;
        Ok(command)
    }
}

fn name(fields: &mut Fields<'_>) -> Result<Name, AdminError> {
    Ok(fields.text("secret")?.parse()?)
}

fn value(fields: &mut Fields<'_>) -> Result<SecretBytes, AdminError> {
    let bytes = fields.bytes("value")?;
    let (found, max) = (bytes.len(), MAX_SECRET_BYTES);
    if found == 0 || found > max {
        return Err(AdminError::SecretLength { max, found });
    }
    Ok(SecretBytes::new(bytes.into_owned()))
}

fn note(fields: &mut Fields<'_>) -> Result<String, AdminError> {
    let note = fields.text("note")?;
    let (found, max) = (note.len(), MAX_NOTE_BYTES);
    if found > max {
        return Err(AdminError::NoteLength { max, found });
    }
    Ok(note.into_owned())
}
