use std::collections::BTreeMap;
use std::error::Error;

use adyton_codec::CodecError;
use adyton_crypto::SecretBytes;
use adyton_merkle::MerkleError;
use adyton_types::ErrorClass;
use thiserror::Error;

/// The broker's tables. Ids and names never change: they are part of what is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StateTable {
    /// Single rows: the log's head, and how many denials were recorded lately.
    Meta,
    /// Secrets, by name.
    Secrets,
    /// Release documents, by the name of their secret.
    Documents,
    /// How often each release document was used, by its id.
    Counters,
    /// Bindings that were decided on, by the time of their token.
    Seen,
    /// Log entries with the tree's nodes, by index.
    Log,
}

impl StateTable {
    /// Every table.
    pub const ALL: [Self; 6] = [
        Self::Meta,
        Self::Secrets,
        Self::Documents,
        Self::Counters,
        Self::Seen,
        Self::Log,
    ];

    /// Its number, from 1.
    #[must_use]
    pub const fn id(self) -> u8 {
        match self {
            Self::Meta => 1,
            Self::Secrets => 2,
            Self::Documents => 3,
            Self::Counters => 4,
            Self::Seen => 5,
            Self::Log => 6,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Secrets => "secrets",
            Self::Documents => "documents",
            Self::Counters => "counters",
            Self::Seen => "seen",
            Self::Log => "log",
        }
    }

    /// Whether its keys must keep their order; the keys of the others should be hidden.
    #[must_use]
    pub const fn is_ordered(self) -> bool {
        matches!(self, Self::Seen | Self::Log)
    }
}

/// Why the state could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StateError {
    /// The store failed.
    #[error("{source}")]
    Store {
        /// Whose fault the store says it is.
        class: ErrorClass,
        /// The store's error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A row is not what was written.
    #[error("the broker's state is damaged: a row of table `{table}` cannot be read")]
    Row {
        /// The table's name.
        table: &'static str,
    },
    /// The log's tree is not whole.
    #[error("the broker's log is damaged: {0}")]
    Log(#[from] MerkleError),
}

impl StateError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Store { class, .. } => *class,
            Self::Row { .. } | Self::Log(_) => ErrorClass::Unavailable,
        }
    }

    pub(crate) fn row(table: StateTable) -> impl FnOnce(CodecError) -> Self {
        move |_| Self::Row {
            table: table.name(),
        }
    }
}

/// One transaction's view of the broker's state: rows of bytes in named tables.
pub trait BrokerState {
    /// A row's value.
    ///
    /// # Errors
    /// [`StateError::Store`].
    fn read(&self, table: StateTable, key: &[u8]) -> Result<Option<SecretBytes>, StateError>;

    /// Writes a row, over an old one if there is one.
    ///
    /// # Errors
    /// [`StateError::Store`].
    fn write(&mut self, table: StateTable, key: &[u8], value: &[u8]) -> Result<(), StateError>;

    /// Removes a row, if it is there.
    ///
    /// # Errors
    /// [`StateError::Store`].
    fn remove(&mut self, table: StateTable, key: &[u8]) -> Result<(), StateError>;

    /// All rows of a table, by key.
    ///
    /// # Errors
    /// [`StateError::Store`].
    fn scan(&self, table: StateTable) -> Result<BTreeMap<Vec<u8>, SecretBytes>, StateError>;

    /// Rows of an [ordered](StateTable::is_ordered) table from a key on, at most `limit`.
    ///
    /// # Errors
    /// [`StateError::Store`].
    fn scan_from(
        &self,
        table: StateTable,
        from: &[u8],
        limit: usize,
    ) -> Result<BTreeMap<Vec<u8>, SecretBytes>, StateError>;
}

/// Serialisable, durable transactions over a [`BrokerState`].
pub trait BrokerStore {
    /// Runs `work` in a transaction, and returns what it returned.
    ///
    /// Whoever implements this promises: when it returns `Ok`, everything that `work` wrote is
    /// durable, and it ran as if alone; when it returns `Err`, nothing of it will ever be seen by
    /// another transaction, unless the error came after the commit began. The engine lets no secret
    /// leave on anything less.
    ///
    /// # Errors
    /// `work`'s own, and [`StateError::Store`].
    fn transact<R, F>(&self, work: F) -> Result<R, StateError>
    where
        R: Send + 'static,
        F: FnOnce(&mut dyn BrokerState) -> Result<R, StateError> + Send + 'static;

    /// Reads the last durable state.
    ///
    /// # Errors
    /// `read`'s own, and [`StateError::Store`].
    fn view<R, F>(&self, read: F) -> Result<R, StateError>
    where
        F: FnOnce(&dyn BrokerState) -> Result<R, StateError>;
}
