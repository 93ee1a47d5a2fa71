use std::collections::BTreeMap;
use std::io;
use std::sync::Mutex;

use adyton_broker::{BrokerState, BrokerStore, StateError, StateTable};
use adyton_crypto::SecretBytes;
use adyton_types::ErrorClass;

type Rows = BTreeMap<(StateTable, Vec<u8>), Vec<u8>>;

/// When the next transaction fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// The disk is full: nothing is written.
    BeforeCommit,
    /// The power goes after the commit and before the caller hears of it.
    AfterCommit,
}

/// A store that forgets nothing but what it is told to.
#[derive(Default)]
pub(crate) struct MemoryStore {
    rows: Mutex<Rows>,
    fail: Mutex<Option<When>>,
}

impl MemoryStore {
    pub(crate) fn fail_next(&self, when: When) {
        *self.fail.lock().expect("no panic") = Some(when);
    }

    /// No failure is to come.
    pub(crate) fn works(&self) {
        *self.fail.lock().expect("no panic") = None;
    }

    /// Everything that is durable.
    pub(crate) fn snapshot(&self) -> Rows {
        self.rows.lock().expect("no panic").clone()
    }

    pub(crate) fn rows_of(&self, table: StateTable) -> usize {
        self.snapshot().keys().filter(|(t, _)| *t == table).count()
    }
}

struct State(Rows);

impl BrokerState for State {
    fn read(&self, table: StateTable, key: &[u8]) -> Result<Option<SecretBytes>, StateError> {
        let row = self.0.get(&(table, key.to_vec()));
        Ok(row.map(|row| SecretBytes::new(row.clone())))
    }

    fn write(&mut self, table: StateTable, key: &[u8], value: &[u8]) -> Result<(), StateError> {
        self.0.insert((table, key.to_vec()), value.to_vec());
        Ok(())
    }

    fn remove(&mut self, table: StateTable, key: &[u8]) -> Result<(), StateError> {
        self.0.remove(&(table, key.to_vec()));
        Ok(())
    }

    fn scan(&self, table: StateTable) -> Result<BTreeMap<Vec<u8>, SecretBytes>, StateError> {
        self.scan_from(table, &[], usize::MAX)
    }

    fn scan_from(
        &self,
        table: StateTable,
        from: &[u8],
        limit: usize,
    ) -> Result<BTreeMap<Vec<u8>, SecretBytes>, StateError> {
        let rows = self.0.range((table, from.to_vec())..);
        let rows = rows.take_while(|((t, _), _)| *t == table).take(limit);
        Ok(rows
            .map(|((_, key), row)| (key.clone(), SecretBytes::new(row.clone())))
            .collect())
    }
}

fn disk() -> StateError {
    StateError::Store {
        class: ErrorClass::Unavailable,
        source: Box::new(io::Error::from(io::ErrorKind::StorageFull)),
    }
}

impl BrokerStore for MemoryStore {
    fn transact<R, F>(&self, work: F) -> Result<R, StateError>
    where
        R: Send + 'static,
        F: FnOnce(&mut dyn BrokerState) -> Result<R, StateError> + Send + 'static,
    {
        let mut rows = self.rows.lock().expect("no panic");
        let mut state = State(rows.clone());
        let result = work(&mut state)?;
        let fail = self.fail.lock().expect("no panic").take();
        if fail == Some(When::BeforeCommit) {
            return Err(disk());
        }
        *rows = state.0;
        if fail == Some(When::AfterCommit) {
            return Err(disk());
        }
        Ok(result)
    }

    fn view<R, F>(&self, read: F) -> Result<R, StateError>
    where
        F: FnOnce(&dyn BrokerState) -> Result<R, StateError>,
    {
        read(&State(self.snapshot()))
    }
}
