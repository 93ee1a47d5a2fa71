use std::collections::BTreeMap;
use std::sync::Arc;

use adyton_broker::{BrokerState, BrokerStore, StateError, StateTable};
use adyton_crypto::SecretBytes;
use adyton_store::{Store, StoreError, Table, Tx};
use adyton_types::ErrorClass;

use crate::{Step, Steps};

/// The store's table for one of the engine's.
pub(crate) const fn table(table: StateTable) -> Table {
    if table.is_ordered() {
        Table::ordered(table.id(), table.name())
    } else {
        Table::hidden(table.id(), table.name())
    }
}

/// The engine's state in a sealed store.
pub(crate) struct SealedState<'a> {
    pub(crate) store: &'a Store,
    pub(crate) steps: &'a Arc<dyn Steps>,
}

impl BrokerStore for SealedState<'_> {
    fn transact<R, F>(&self, work: F) -> Result<R, StateError>
    where
        R: Send + 'static,
        F: FnOnce(&mut dyn BrokerState) -> Result<R, StateError> + Send + 'static,
    {
        let steps = Arc::clone(self.steps);
        let transaction = move |tx: &mut Tx<'_>| {
            let result = work(&mut Writing(tx)).map_err(Fault::State);
            steps.reached(Step::Decided);
            result
        };
        self.store.transact(transaction).map_err(Fault::into_state)
    }

    fn view<R, F>(&self, read: F) -> Result<R, StateError>
    where
        F: FnOnce(&dyn BrokerState) -> Result<R, StateError>,
    {
        let view = |tx: &Tx<'_>| read(&Reading(tx)).map_err(Fault::State);
        self.store.view(view).map_err(Fault::into_state)
    }
}

/// Either side's error, until it is the engine's.
enum Fault {
    State(StateError),
    Store(StoreError),
}

impl Fault {
    fn into_state(self) -> StateError {
        match self {
            Self::State(error) => error,
            Self::Store(error) => store_error(error),
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn store_error(error: StoreError) -> StateError {
    StateError::Store {
        class: error.class(),
        source: Box::new(error),
    }
}

type Rows = BTreeMap<Vec<u8>, SecretBytes>;

/// A transaction that may write.
struct Writing<'a, 'b>(&'a mut Tx<'b>);

impl BrokerState for Writing<'_, '_> {
    fn read(&self, of: StateTable, key: &[u8]) -> Result<Option<SecretBytes>, StateError> {
        self.0.read(table(of), key).map_err(store_error)
    }

    fn write(&mut self, of: StateTable, key: &[u8], value: &[u8]) -> Result<(), StateError> {
        self.0.write(table(of), key, value).map_err(store_error)
    }

    fn remove(&mut self, of: StateTable, key: &[u8]) -> Result<(), StateError> {
        self.0.remove(table(of), key).map_err(store_error)
    }

    fn scan(&self, of: StateTable) -> Result<Rows, StateError> {
        self.0.scan(table(of)).map_err(store_error)
    }

    fn scan_from(&self, of: StateTable, from: &[u8], limit: usize) -> Result<Rows, StateError> {
        self.0
            .scan_from(table(of), from, limit)
            .map_err(store_error)
    }
}

/// A view. The engine is handed it by shared reference, through which nothing can be written.
struct Reading<'a, 'b>(&'a Tx<'b>);

fn read_only() -> StateError {
    StateError::Store {
        class: ErrorClass::Misuse,
        source: "a view cannot be written".into(),
    }
}

impl BrokerState for Reading<'_, '_> {
    fn read(&self, of: StateTable, key: &[u8]) -> Result<Option<SecretBytes>, StateError> {
        self.0.read(table(of), key).map_err(store_error)
    }

    fn write(&mut self, _: StateTable, _: &[u8], _: &[u8]) -> Result<(), StateError> {
        Err(read_only())
    }

    fn remove(&mut self, _: StateTable, _: &[u8]) -> Result<(), StateError> {
        Err(read_only())
    }

    fn scan(&self, of: StateTable) -> Result<Rows, StateError> {
        self.0.scan(table(of)).map_err(store_error)
    }

    fn scan_from(&self, of: StateTable, from: &[u8], limit: usize) -> Result<Rows, StateError> {
        self.0
            .scan_from(table(of), from, limit)
            .map_err(store_error)
    }
}
