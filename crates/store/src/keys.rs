use std::collections::BTreeMap;

use adyton_crypto::{AeadKey, SecretArray, SecretBytes, ct_eq, hkdf_sha256, hmac_sha256, os_rng};

use crate::{MAX_KEY_BYTES, MAX_VALUE_BYTES, StoreError, Table};

const LABEL: &[u8] = b"adyton/store/v1";

/// Version of the keys and of the row format; it stands before every sealed value and goes into
/// the derivation, so that another can follow.
const EPOCH: [u8; 4] = [0, 0, 0, 1];

/// Bytes of the keyed digest that stands for a hidden key.
const HIDDEN_KEY_BYTES: usize = 16;

/// The keys of one store, all derived from its root key.
#[derive(Debug)]
pub(crate) struct Keys {
    tables: BTreeMap<u8, TableKeys>,
    head: AeadKey,
    set: SecretArray<32>,
    mark: SecretArray<32>,
}

#[derive(Debug)]
struct TableKeys {
    table: Table,
    seal: AeadKey,
    index: SecretArray<32>,
}

fn derive(root: &SecretArray<32>, what: &[u8], name: &str) -> SecretArray<32> {
    // The use's name has no zero byte, so the parts cannot run into each other.
    hkdf_sha256(root.expose(), LABEL, &[&EPOCH, what, &[0], name.as_bytes()])
}

impl Keys {
    pub(crate) fn new(root: &SecretArray<32>, tables: &[Table]) -> Self {
        let tables = tables
            .iter()
            .map(|table| {
                let keys = TableKeys {
                    table: *table,
                    seal: AeadKey::new(derive(root, b"seal", table.name)),
                    index: derive(root, b"index", table.name),
                };
                (table.id, keys)
            })
            .collect();
        Self {
            tables,
            head: AeadKey::new(derive(root, b"head", "")),
            set: derive(root, b"set", ""),
            mark: derive(root, b"mark", ""),
        }
    }

    /// A public value by which the right root key is recognised.
    pub(crate) fn mark(&self) -> &[u8; 32] {
        self.mark.expose()
    }

    pub(crate) fn is_marked(&self, found: &[u8]) -> bool {
        ct_eq(self.mark(), found)
    }

    fn table(&self, table: Table) -> Result<&TableKeys, StoreError> {
        self.tables
            .get(&table.id)
            .filter(|keys| keys.table == table)
            .ok_or(StoreError::UnknownTable { name: table.name })
    }

    /// The key under which a row is stored.
    pub(crate) fn stored_key(&self, table: Table, key: &[u8]) -> Result<Vec<u8>, StoreError> {
        let keys = self.table(table)?;
        fits(key.len(), MAX_KEY_BYTES)?;
        let mut stored = vec![table.id];
        if table.hidden {
            let digest = hmac_sha256(&keys.index, &[key]);
            stored.extend(digest.iter().take(HIDDEN_KEY_BYTES));
        } else {
            stored.extend_from_slice(key);
        }
        Ok(stored)
    }

    /// What is sealed: for a hidden key, the key itself stands before the value.
    pub(crate) fn plain(table: Table, key: &[u8], value: &[u8]) -> Result<SecretBytes, StoreError> {
        fits(value.len(), MAX_VALUE_BYTES)?;
        let mut plain = Vec::with_capacity(2 + key.len() + value.len());
        if table.hidden {
            let length = u16::try_from(key.len()).map_err(|_| StoreError::TooLong {
                found: key.len(),
                max: MAX_KEY_BYTES,
            })?;
            plain.extend_from_slice(&length.to_be_bytes());
            plain.extend_from_slice(key);
        }
        plain.extend_from_slice(value);
        Ok(SecretBytes::new(plain))
    }

    /// Takes apart what [`plain`](Self::plain) put together.
    pub(crate) fn split<'a>(
        table: Table,
        stored_key: &'a [u8],
        plain: &'a [u8],
    ) -> Result<(&'a [u8], &'a [u8]), StoreError> {
        let broken = || StoreError::corrupt("a row has no key");
        if !table.hidden {
            let key = stored_key.get(1..).ok_or_else(broken)?;
            return Ok((key, plain));
        }
        let (length, rest) = plain.split_first_chunk::<2>().ok_or_else(broken)?;
        let length = usize::from(u16::from_be_bytes(*length));
        rest.split_at_checked(length).ok_or_else(broken)
    }

    pub(crate) fn seal(&self, stored_key: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let keys = self.of(stored_key)?;
        let aad = row_aad(keys.table, stored_key);
        let sealed = keys.seal.seal(plain, &aad, &mut os_rng());
        Ok([EPOCH.as_slice(), &sealed].concat())
    }

    pub(crate) fn open(&self, stored_key: &[u8], row: &[u8]) -> Result<SecretBytes, StoreError> {
        let keys = self.of(stored_key)?;
        let sealed = row
            .strip_prefix(&EPOCH)
            .ok_or_else(|| StoreError::corrupt("a row is of another version"))?;
        keys.seal
            .open(sealed, &row_aad(keys.table, stored_key))
            .map_err(|_| StoreError::corrupt("a row does not open"))
    }

    fn of(&self, stored_key: &[u8]) -> Result<&TableKeys, StoreError> {
        stored_key
            .first()
            .and_then(|id| self.tables.get(id))
            .ok_or_else(|| StoreError::corrupt("a row of an unknown table"))
    }

    pub(crate) fn seal_head(&self, plain: &[u8]) -> Vec<u8> {
        self.head.seal(plain, LABEL, &mut os_rng())
    }

    pub(crate) fn open_head(&self, sealed: &[u8]) -> Result<SecretBytes, StoreError> {
        self.head
            .open(sealed, LABEL)
            .map_err(|_| StoreError::corrupt("the head does not open"))
    }

    /// A row's part in the digest over all rows. Under one key, nonce and tag say which plaintext
    /// was sealed; so they stand for the row.
    pub(crate) fn row_digest(&self, stored_key: &[u8], row: &[u8]) -> [u8; 32] {
        let length = (stored_key.len() as u64).to_be_bytes();
        let start = row.get(..28).unwrap_or(row);
        let end = row.last_chunk::<16>().map_or(row, |tag| tag.as_slice());
        hmac_sha256(&self.set, &[&length, stored_key, start, end])
    }
}

/// Associated data of a row: version, table and key, so that a row opens in its place only.
fn row_aad(table: Table, stored_key: &[u8]) -> Vec<u8> {
    let name = table.name.as_bytes();
    let length = (name.len() as u64).to_be_bytes();
    [LABEL, &EPOCH, &length, name, stored_key].concat()
}

const fn fits(found: usize, max: usize) -> Result<(), StoreError> {
    if found > max {
        Err(StoreError::TooLong { found, max })
    } else {
        Ok(())
    }
}
