use std::cell::Cell;
use std::collections::BTreeMap;

use adyton_crypto::SecretBytes;
use redb::ReadableTable;

use crate::keys::Keys;
use crate::{StoreError, Table};

/// Stored rows, as redb gives them.
pub(crate) trait Rows {
    fn row(&self, stored_key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// The rows from `from` (included) to `to` (excluded), at most `limit`, in order.
    fn rows(&self, from: &[u8], to: &[u8], limit: usize) -> Result<StoredRows, StoreError>;
}

pub(crate) type StoredRows = Vec<(Vec<u8>, Vec<u8>)>;

impl<T: ReadableTable<&'static [u8], &'static [u8]>> Rows for T {
    fn row(&self, stored_key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.get(stored_key).map_err(StoreError::redb)?;
        Ok(row.map(|row| row.value().to_vec()))
    }

    fn rows(&self, from: &[u8], to: &[u8], limit: usize) -> Result<StoredRows, StoreError> {
        self.range(from..to)
            .map_err(StoreError::redb)?
            .take(limit)
            .map(|row| {
                let (key, value) = row.map_err(StoreError::redb)?;
                Ok((key.value().to_vec(), value.value().to_vec()))
            })
            .collect()
    }
}

/// What a transaction changed: plaintext by stored key, `None` for a removed row.
pub(crate) type Changes = BTreeMap<Vec<u8>, Option<SecretBytes>>;

/// A transaction: it sees every transaction before it and its own writes, and nothing of it is
/// seen unless its closure returns `Ok` and the commit is durable.
pub struct Tx<'a> {
    rows: &'a dyn Rows,
    keys: &'a Keys,
    changes: Changes,
    failed: Cell<bool>,
}

impl std::fmt::Debug for Tx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tx({} changes)", self.changes.len())
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(rows: &'a dyn Rows, keys: &'a Keys) -> Self {
        Self {
            rows,
            keys,
            changes: Changes::new(),
            failed: Cell::new(false),
        }
    }

    pub(crate) fn into_changes(self) -> Changes {
        self.changes
    }

    /// Whether the file failed under this transaction, whatever its closure made of that.
    pub(crate) const fn failed(&self) -> bool {
        self.failed.get()
    }

    fn note<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if result.as_ref().is_err_and(StoreError::breaks_the_file) {
            self.failed.set(true);
        }
        result
    }

    /// Reads a row's value.
    ///
    /// # Errors
    /// [`StoreError`], if the table is unknown or the row is not what was written.
    pub fn read(&self, table: Table, key: &[u8]) -> Result<Option<SecretBytes>, StoreError> {
        let stored_key = self.keys.stored_key(table, key)?;
        self.note(self.read_stored(table, key, &stored_key))
    }

    fn read_stored(
        &self,
        table: Table,
        key: &[u8],
        stored_key: &[u8],
    ) -> Result<Option<SecretBytes>, StoreError> {
        let opened;
        let plain = match self.changes.get(stored_key) {
            Some(None) => return Ok(None),
            Some(Some(plain)) => plain,
            None => match self.rows.row(stored_key)? {
                None => return Ok(None),
                Some(row) => {
                    opened = self.keys.open(stored_key, &row)?;
                    &opened
                }
            },
        };
        let (found, value) = Keys::split(table, stored_key, plain.expose())?;
        if found == key {
            Ok(Some(SecretBytes::new(value.to_vec())))
        } else {
            Err(StoreError::corrupt("a row has another key"))
        }
    }

    /// Writes a row, over an old one if there is one.
    ///
    /// # Errors
    /// [`StoreError::UnknownTable`] or [`StoreError::TooLong`].
    pub fn write(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        let stored_key = self.keys.stored_key(table, key)?;
        let plain = Keys::plain(table, key, value)?;
        self.changes.insert(stored_key, Some(plain));
        Ok(())
    }

    /// Removes a row, if it is there.
    ///
    /// # Errors
    /// [`StoreError::UnknownTable`] or [`StoreError::TooLong`].
    pub fn remove(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        let stored_key = self.keys.stored_key(table, key)?;
        self.changes.insert(stored_key, None);
        Ok(())
    }

    /// All rows of a table, by key.
    ///
    /// # Errors
    /// [`StoreError`], if the table is unknown or a row is not what was written.
    pub fn scan(&self, table: Table) -> Result<BTreeMap<Vec<u8>, SecretBytes>, StoreError> {
        let first = [table.id];
        self.note(self.scan_stored(table, &first, usize::MAX))
    }

    /// Rows of an ordered table from a key on, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`], if the table is unknown or hidden, or a row is not what was written.
    pub fn scan_from(
        &self,
        table: Table,
        from: &[u8],
        limit: usize,
    ) -> Result<BTreeMap<Vec<u8>, SecretBytes>, StoreError> {
        if table.hidden {
            return Err(StoreError::UnknownTable { name: table.name });
        }
        let first = self.keys.stored_key(table, from)?;
        self.note(self.scan_stored(table, &first, limit))
    }

    fn scan_stored(
        &self,
        table: Table,
        first: &[u8],
        limit: usize,
    ) -> Result<BTreeMap<Vec<u8>, SecretBytes>, StoreError> {
        self.keys.stored_key(table, &[])?;
        // Of the stored rows, as many may be missing in the end as this transaction removes.
        let wanted = limit.saturating_add(self.changes.len());
        let end = [table.id.saturating_add(1)];
        let mut plain = BTreeMap::new();
        for (stored_key, row) in self.rows.rows(first, &end, wanted)? {
            if !self.changes.contains_key(&stored_key) {
                let opened = self.keys.open(&stored_key, &row)?;
                plain.insert(stored_key, opened);
            }
        }
        for (stored_key, change) in self.changes.range(first.to_vec()..end.to_vec()) {
            if let Some(change) = change {
                let copy = SecretBytes::new(change.expose().to_vec());
                plain.insert(stored_key.clone(), copy);
            }
        }
        plain
            .iter()
            .take(limit)
            .map(|(stored_key, plain)| {
                let (key, value) = Keys::split(table, stored_key, plain.expose())?;
                Ok((key.to_vec(), SecretBytes::new(value.to_vec())))
            })
            .collect()
    }
}
