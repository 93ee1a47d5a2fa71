use std::collections::BTreeMap;

use adyton_crypto::{CryptoRng, SecretBytes};
use adyton_protocol::limits::MAX_SECRET_BYTES;
use adyton_protocol::{Leaf, LeafType, Salt, leaf_salt, policy_commitment, secret_commitment};
use adyton_types::{Name, Sha256Digest, UnixTime};

use crate::admin::{
    AdminCommand, AdminError, AdminReply, MAX_ENTRIES_AT_ONCE, MAX_NOTE_BYTES, SecretInfo,
};
use crate::log::{LogHead, LogRow, LogWriter};
use crate::records::{SecretRecord, decode_document, new_salt, read_count, read_document};
use crate::state::{BrokerState, StateTable};
use crate::{BrokerStore, Engine, ReleaseDocument, StateError};

type Executed = Result<AdminReply, AdminError>;

impl Engine {
    /// Carries an owner's command out. What changes something is in the log before this returns.
    ///
    /// # Errors
    /// [`AdminError`].
    pub fn administer(
        &self,
        store: &impl BrokerStore,
        command: AdminCommand,
        now: UnixTime,
        rng: &mut impl CryptoRng,
    ) -> Executed {
        let now = self.not_back(now);
        let salt = new_salt(rng);
        match command {
            AdminCommand::SecretPut { name, value, note } => {
                fits(&value, &note)?;
                store.transact(move |state| put(state, &name, value, note, (now, salt)))?
            }
            AdminCommand::SecretDelete { name } => {
                store.transact(move |state| delete(state, name, now))?
            }
            AdminCommand::PolicyPut { document } => {
                store.transact(move |state| put_policy(state, &document, (now, salt)))?
            }
            AdminCommand::PolicyDelete { secret } => {
                store.transact(move |state| delete_policy(state, secret, now))?
            }
            AdminCommand::SecretList => store.view(|state| list(state))?,
            AdminCommand::SecretShow { name } => store.view(|state| show(state, name))?,
            AdminCommand::PolicyShow { secret } => store.view(|state| policy(state, secret))?,
            AdminCommand::Log { from, limit } => {
                let (entries, frontier) = store.view(|state| entries(state, from, limit))?;
                Ok(AdminReply::Log {
                    first: from,
                    entries,
                    checkpoint: self.sign_checkpoint(&frontier),
                })
            }
        }
    }
}

const fn length(found: usize, max: usize) -> bool {
    found > 0 && found <= max
}

fn fits(value: &SecretBytes, note: &str) -> Result<(), AdminError> {
    let (found, max) = (value.expose().len(), MAX_SECRET_BYTES);
    if !length(found, max) {
        return Err(AdminError::SecretLength { max, found });
    }
    let (found, max) = (note.len(), MAX_NOTE_BYTES);
    if found > max {
        return Err(AdminError::NoteLength { max, found });
    }
    Ok(())
}

fn put(
    state: &mut dyn BrokerState,
    name: &Name,
    value: SecretBytes,
    note: String,
    (now, salt): (UnixTime, Salt),
) -> Result<Executed, StateError> {
    let mut record = SecretRecord::read(state, name)?.unwrap_or(SecretRecord::new(salt));
    record.version = record.version.saturating_add(1);
    record.value = Some(value);
    record.note = note;
    record.write(state, name)?;
    recorded(state, (name, &record), None, LeafType::Secret, ("put", now))
}

fn delete(state: &mut dyn BrokerState, name: Name, now: UnixTime) -> Result<Executed, StateError> {
    let Some(mut record) = SecretRecord::read(state, &name)?.filter(|r| r.value.is_some()) else {
        return Ok(Err(AdminError::NoSecret { name }));
    };
    record.value = None;
    record.note.clear();
    record.write(state, &name)?;
    recorded(
        state,
        (&name, &record),
        None,
        LeafType::Secret,
        ("delete", now),
    )
}

fn put_policy(
    state: &mut dyn BrokerState,
    document: &ReleaseDocument,
    (now, salt): (UnixTime, Salt),
) -> Result<Executed, StateError> {
    let name = document.secret();
    // A document may come before its secret: the secret's row then begins with a salt only.
    let record = match SecretRecord::read(state, name)? {
        Some(record) => record,
        None => {
            let record = SecretRecord::new(salt);
            record.write(state, name)?;
            record
        }
    };
    let key = name.as_str().as_bytes();
    state.write(StateTable::Documents, key, &document.encode())?;
    let id = Some(document.id());
    recorded(state, (name, &record), id, LeafType::Policy, ("put", now))
}

fn delete_policy(
    state: &mut dyn BrokerState,
    secret: Name,
    now: UnixTime,
) -> Result<Executed, StateError> {
    let record = SecretRecord::read(state, &secret)?;
    let (Some(record), Some(document)) = (record, read_document(state, &secret)?) else {
        return Ok(Err(AdminError::NoDocument { name: secret }));
    };
    state.remove(StateTable::Documents, secret.as_str().as_bytes())?;
    let id = Some(document.id());
    let what = ("delete", now);
    recorded(state, (&secret, &record), id, LeafType::Policy, what)
}

/// Appends the leaf of a change.
fn recorded(
    state: &mut dyn BrokerState,
    (name, record): (&Name, &SecretRecord),
    policy: Option<Sha256Digest>,
    leaf_type: LeafType,
    (detail, time): (&str, UnixTime),
) -> Result<Executed, StateError> {
    let mut log = LogWriter::open(LogHead::read(state)?);
    let salt = leaf_salt(&record.salt, log.next());
    let leaf = Leaf {
        leaf_type,
        time,
        request: None,
        secret: Some(secret_commitment(&salt, name)),
        version: (leaf_type == LeafType::Secret).then_some(record.version),
        policy: policy.map(|id| policy_commitment(&salt, &id)),
        program: None,
        platform: None,
        detail: detail.to_owned(),
    };
    let index = log.append(state, &leaf)?;
    log.close(state)?;
    Ok(Ok(AdminReply::Recorded {
        index,
        version: record.version,
        policy,
    }))
}

fn list(state: &dyn BrokerState) -> Result<Executed, StateError> {
    let documents: BTreeMap<_, _> = state.scan(StateTable::Documents)?;
    let mut secrets = Vec::new();
    for (key, row) in state.scan(StateTable::Secrets)? {
        let record = SecretRecord::decode(&row)?;
        let document = documents.get(&key).map(decode_document).transpose()?;
        let name = std::str::from_utf8(&key).ok().and_then(|n| n.parse().ok());
        let name: Name = name.ok_or(StateError::Row {
            table: StateTable::Secrets.name(),
        })?;
        // What was deleted whole is not shown: its row only keeps salt and version.
        if record.value.is_some() || document.is_some() {
            secrets.push(info(state, name, record, document.as_ref())?);
        }
    }
    Ok(Ok(AdminReply::Secrets(secrets)))
}

fn show(state: &dyn BrokerState, name: Name) -> Result<Executed, StateError> {
    let Some(record) = SecretRecord::read(state, &name)? else {
        return Ok(Err(AdminError::NoSecret { name }));
    };
    let document = read_document(state, &name)?;
    let info = info(state, name, record, document.as_ref())?;
    Ok(Ok(AdminReply::Secrets(vec![info])))
}

fn info(
    state: &dyn BrokerState,
    name: Name,
    record: SecretRecord,
    document: Option<&ReleaseDocument>,
) -> Result<SecretInfo, StateError> {
    let policy = document.map(ReleaseDocument::id);
    let releases = policy.map_or(Ok(0), |id| read_count(state, &id))?;
    Ok(SecretInfo {
        name,
        version: record.version,
        has_value: record.value.is_some(),
        salt: record.salt,
        note: record.note,
        policy,
        releases,
        max_releases: document.map_or(0, ReleaseDocument::max_releases),
    })
}

fn policy(state: &dyn BrokerState, secret: Name) -> Result<Executed, StateError> {
    let Some(document) = read_document(state, &secret)? else {
        return Ok(Err(AdminError::NoDocument { name: secret }));
    };
    let releases = read_count(state, &document.id())?;
    Ok(Ok(AdminReply::Policy { document, releases }))
}

fn entries(
    state: &dyn BrokerState,
    from: u64,
    limit: u64,
) -> Result<(Vec<Vec<u8>>, adyton_merkle::Frontier), StateError> {
    let frontier = LogHead::read(state)?.frontier;
    let limit = usize::try_from(limit.min(MAX_ENTRIES_AT_ONCE)).unwrap_or(usize::MAX);
    let rows = state.scan_from(StateTable::Log, &from.to_be_bytes(), limit)?;
    let entries = rows
        .values()
        .map(|row| Ok(LogRow::decode(row.expose())?.entry))
        .collect::<Result<_, StateError>>()?;
    Ok((entries, frontier))
}
