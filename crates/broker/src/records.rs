//! What the rows hold.

use adyton_codec::{CodecError, Fields, Value};
use adyton_crypto::{CryptoRng, SecretBytes};
use adyton_protocol::Salt;
use adyton_types::{Name, Sha256Digest};

use crate::ReleaseDocument;
use crate::state::{BrokerState, StateError, StateTable};

/// A secret's row. It stays when the secret is deleted, so that its versions never repeat and its
/// old leaves can still be opened.
#[derive(Debug)]
pub(crate) struct SecretRecord {
    pub(crate) salt: Salt,
    /// Counts the values that were put; 0 before the first.
    pub(crate) version: u64,
    pub(crate) value: Option<SecretBytes>,
    pub(crate) note: String,
}

/// Makes a salt for a secret that has none yet.
pub(crate) fn new_salt(rng: &mut impl CryptoRng) -> Salt {
    let mut salt = [0; 16];
    rng.fill_bytes(&mut salt);
    salt
}

impl SecretRecord {
    pub(crate) const fn new(salt: Salt) -> Self {
        Self {
            salt,
            version: 0,
            value: None,
            note: String::new(),
        }
    }

    pub(crate) fn read(state: &dyn BrokerState, name: &Name) -> Result<Option<Self>, StateError> {
        let row = state.read(StateTable::Secrets, name.as_str().as_bytes())?;
        row.map(|row| Self::decode(&row)).transpose()
    }

    pub(crate) fn write(&self, state: &mut dyn BrokerState, name: &Name) -> Result<(), StateError> {
        let row = self.encode();
        state.write(StateTable::Secrets, name.as_str().as_bytes(), row.expose())
    }

    pub(crate) fn decode(row: &SecretBytes) -> Result<Self, StateError> {
        let parse = || {
            let (head, value) = split(row.expose())?;
            let mut fields = Value::decode(head)?.into_fields("secret")?;
            let record = Self {
                salt: fields.array("salt")?,
                version: fields.uint("version")?,
                value: fields
                    .bool("value")?
                    .then(|| SecretBytes::new(value.to_vec())),
                note: fields.text("note")?.into_owned(),
            };
            fields.finish()?;
            Ok(record)
        };
        parse().map_err(StateError::row(StateTable::Secrets))
    }

    /// The value stands outside the CBOR, whose encoder has buffers that are not wiped.
    fn encode(&self) -> SecretBytes {
        let head = Value::map([
            ("salt", Value::bytes(&self.salt)),
            ("version", Value::Uint(self.version)),
            ("value", Value::Bool(self.value.is_some())),
            ("note", Value::text(&self.note)),
        ])
        .encode();
        let value = self.value.as_ref().map_or(&[][..], SecretBytes::expose);
        let mut row = Vec::with_capacity(4 + head.len() + value.len());
        let length = u32::try_from(head.len()).unwrap_or(u32::MAX);
        row.extend_from_slice(&length.to_be_bytes());
        row.extend_from_slice(&head);
        row.extend_from_slice(value);
        SecretBytes::new(row)
    }
}

/// Takes `length (4) ‖ head ‖ rest` apart.
fn split(row: &[u8]) -> Result<(&[u8], &[u8]), CodecError> {
    let cut = || CodecError::Truncated { at: row.len() };
    let (length, rest) = row.split_first_chunk::<4>().ok_or_else(cut)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| cut())?;
    rest.split_at_checked(length).ok_or_else(cut)
}

/// The release document of a secret.
pub(crate) fn read_document(
    state: &dyn BrokerState,
    secret: &Name,
) -> Result<Option<ReleaseDocument>, StateError> {
    let row = state.read(StateTable::Documents, secret.as_str().as_bytes())?;
    row.map(|row| decode_document(&row)).transpose()
}

pub(crate) fn decode_document(row: &SecretBytes) -> Result<ReleaseDocument, StateError> {
    ReleaseDocument::decode(row.expose()).map_err(|_| StateError::Row {
        table: StateTable::Documents.name(),
    })
}

/// How often a document was used.
pub(crate) fn read_count(state: &dyn BrokerState, id: &Sha256Digest) -> Result<u64, StateError> {
    let row = state.read(StateTable::Counters, id.as_bytes())?;
    row.map_or(Ok(0), |row| {
        row.expose()
            .try_into()
            .map(u64::from_be_bytes)
            .map_err(|_| StateError::Row {
                table: StateTable::Counters.name(),
            })
    })
}

pub(crate) fn write_count(
    state: &mut dyn BrokerState,
    id: &Sha256Digest,
    count: u64,
) -> Result<(), StateError> {
    state.write(StateTable::Counters, id.as_bytes(), &count.to_be_bytes())
}

/// What was decided on a binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenRecord {
    /// Digest of the request.
    pub(crate) request: Sha256Digest,
    /// What it released, in the order of its operations; nothing if it was denied.
    pub(crate) released: Vec<SeenRelease>,
}

/// A release that is recorded in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenRelease {
    pub(crate) version: u64,
    pub(crate) policy: Sha256Digest,
    pub(crate) index: u64,
}

impl SeenRecord {
    pub(crate) fn read(state: &dyn BrokerState, key: &[u8]) -> Result<Option<Self>, StateError> {
        let row = state.read(StateTable::Seen, key)?;
        row.map(|row| Self::decode(row.expose()).map_err(StateError::row(StateTable::Seen)))
            .transpose()
    }

    pub(crate) fn write(&self, state: &mut dyn BrokerState, key: &[u8]) -> Result<(), StateError> {
        let released = self.released.iter().map(|release| {
            Value::map([
                ("version", Value::Uint(release.version)),
                ("policy", Value::bytes(release.policy.as_bytes())),
                ("index", Value::Uint(release.index)),
            ])
        });
        let row = Value::map([
            ("request", Value::bytes(self.request.as_bytes())),
            ("released", Value::Array(released.collect())),
        ]);
        state.write(StateTable::Seen, key, &row.encode())
    }

    fn decode(row: &[u8]) -> Result<Self, CodecError> {
        let mut fields = Value::decode(row)?.into_fields("seen")?;
        let record = Self {
            request: Sha256Digest::new(fields.array("request")?),
            released: fields
                .items("released")?
                .into_iter()
                .map(|item| {
                    let mut fields: Fields<'_> = item.into_fields("released")?;
                    let release = SeenRelease {
                        version: fields.uint("version")?,
                        policy: Sha256Digest::new(fields.array("policy")?),
                        index: fields.uint("index")?,
                    };
                    fields.finish()?;
                    Ok(release)
                })
                .collect::<Result<_, CodecError>>()?,
        };
        fields.finish()?;
        Ok(record)
    }
}
