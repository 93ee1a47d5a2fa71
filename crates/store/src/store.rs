use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use adyton_crypto::SecretArray;
use redb::{Database, ReadableDatabase as _};

use crate::committer::{Committer, Job};
use crate::database::{
    HEAD_KEY, ROWS, create_file, file_backend, initialise, open_file, open_redb, verify,
};
use crate::head::Head;
use crate::keys::Keys;
use crate::tx::Changes;
use crate::{StoreError, Table, Tx};

/// How the database is opened, again after the disk has failed.
type Opener = Box<dyn Fn() -> Result<Database, StoreError> + Send + Sync>;

/// An open store. It locks its file; share it between threads by reference.
pub struct Store {
    keys: Keys,
    opener: Opener,
    database: RwLock<Option<Database>>,
    broken: AtomicBool,
    head: Mutex<Head>,
    committer: Committer,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store(generation {})", self.generation())
    }
}

impl Store {
    /// Makes a new store, in a file with mode 0600 that must not exist yet.
    ///
    /// # Errors
    /// [`StoreError::Exists`] or [`StoreError::Disk`].
    pub fn create(
        path: &Path,
        root_key: &SecretArray<32>,
        tables: &[Table],
    ) -> Result<Self, StoreError> {
        let file = create_file(path)?;
        let keys = Keys::new(root_key, tables);
        let database = open_redb(file_backend(file)?)?;
        let head = initialise(&database, &keys)?;
        Ok(Self::new(keys, file_opener(path), database, head))
    }

    /// Opens a store. Every row is compared with the digest of them all, which takes about a second
    /// for a million rows.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::WrongKey`], [`StoreError::Corrupt`],
    /// [`StoreError::Locked`] or [`StoreError::Disk`]. A missing or emptied file is never taken for a
    /// new store: its counters would begin anew.
    pub fn open(
        path: &Path,
        root_key: &SecretArray<32>,
        tables: &[Table],
    ) -> Result<Self, StoreError> {
        Self::open_with(file_opener(path), Keys::new(root_key, tables))
    }

    pub(crate) fn open_with(opener: Opener, keys: Keys) -> Result<Self, StoreError> {
        let database = opener()?;
        let head = verify(&database, &keys)?;
        Ok(Self::new(keys, opener, database, head))
    }

    fn new(keys: Keys, opener: Opener, database: Database, head: Head) -> Self {
        Self {
            keys,
            opener,
            database: RwLock::new(Some(database)),
            broken: AtomicBool::new(false),
            head: Mutex::new(head),
            committer: Committer::default(),
        }
    }

    /// How many commits the store has seen. A file in which it is smaller than a witness remembers
    /// is an old copy.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.head().generation
    }

    /// Runs a transaction, and returns what its closure returned once its writes are durable. If
    /// the closure returns an error, nothing of it is kept.
    ///
    /// Transactions run one after the other, in some order; several may share one commit. The
    /// closure may run in another caller's thread, and uses the store through its argument only:
    /// to call the store from within would wait for itself.
    ///
    /// # Errors
    /// The closure's own, and [`StoreError`] if the commit failed. After [`StoreError::Disk`] the next
    /// call opens the file anew: when the disk works again, so does the store.
    pub fn transact<F, R, E>(&self, transaction: F) -> Result<R, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.committer.run(transaction, |batch| {
            self.with_database(|database| self.commit(database, batch))
        })
    }

    /// Reads the last durable state, without waiting for transactions.
    ///
    /// # Errors
    /// The closure's own, and [`StoreError`] if the file cannot be read.
    pub fn view<F, R, E>(&self, read: F) -> Result<R, E>
    where
        F: FnOnce(&Tx<'_>) -> Result<R, E>,
        E: From<StoreError>,
    {
        self.with_database(|database| {
            let transaction = database.begin_read().map_err(StoreError::redb)?;
            let rows = transaction.open_table(ROWS).map_err(StoreError::redb)?;
            let tx = Tx::new(&rows, &self.keys);
            let result = read(&tx);
            if tx.failed() {
                self.broken.store(true, Ordering::Release);
            }
            Ok(result)
        })?
    }

    fn head(&self) -> Head {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uses the open database, which is opened anew if it has failed.
    fn with_database<R>(
        &self,
        work: impl FnOnce(&Database) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        if self.broken.load(Ordering::Acquire) {
            self.reopen()?;
        }
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let Some(database) = database.as_ref() else {
            self.broken.store(true, Ordering::Release);
            return Err(StoreError::Disk(std::io::Error::other(
                "the file is not open",
            )));
        };
        let result = work(database);
        if result.as_ref().is_err_and(StoreError::breaks_the_file) {
            self.broken.store(true, Ordering::Release);
        }
        result
    }

    fn reopen(&self) -> Result<(), StoreError> {
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if !self.broken.load(Ordering::Acquire) {
            return Ok(());
        }
        // The old one goes first: it holds the lock on the file.
        *database = None;
        let opened = (self.opener)()?;
        let found = verify(&opened, &self.keys)?;
        let mut head = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        // A commit that failed in its last step may have reached the disk after all.
        let ours = [head.generation, head.generation.saturating_add(1)];
        if !ours.contains(&found.generation) {
            return Err(StoreError::corrupt("the file is an older copy"));
        }
        *head = found;
        *database = Some(opened);
        self.broken.store(false, Ordering::Release);
        Ok(())
    }

    fn commit(&self, database: &Database, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        let transaction = database.begin_write().map_err(StoreError::redb)?;
        let old = self.head();
        let mut head = old;
        {
            let mut rows = transaction.open_table(ROWS).map_err(StoreError::redb)?;
            for job in batch {
                let mut tx = Tx::new(&rows, &self.keys);
                let keep = job.run(&mut tx);
                if tx.failed() {
                    return Err(StoreError::Disk(std::io::Error::other("a read failed")));
                }
                let changes = tx.into_changes();
                if keep && !changes.is_empty() {
                    self.apply(&mut rows, changes, &mut head)?;
                    head.generation = old.generation.saturating_add(1);
                }
            }
            if head != old {
                let sealed = self.keys.seal_head(&head.encode());
                rows.insert(HEAD_KEY, sealed.as_slice())
                    .map_err(StoreError::redb)?;
            }
        }
        if head == old {
            return transaction.abort().map_err(StoreError::redb);
        }
        transaction.commit().map_err(StoreError::redb)?;
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = head;
        Ok(())
    }

    fn apply(
        &self,
        rows: &mut redb::Table<'_, &'static [u8], &'static [u8]>,
        changes: Changes,
        head: &mut Head,
    ) -> Result<(), StoreError> {
        for (stored_key, change) in changes {
            let key = stored_key.as_slice();
            let old = match change {
                Some(plain) => {
                    let sealed = self.keys.seal(key, plain.expose())?;
                    head.add(&self.keys.row_digest(key, &sealed));
                    rows.insert(key, sealed.as_slice())
                }
                None => rows.remove(key),
            };
            if let Some(old) = old.map_err(StoreError::redb)? {
                head.take(&self.keys.row_digest(key, old.value()));
            }
        }
        Ok(())
    }
}

fn file_opener(path: &Path) -> Opener {
    let path = path.to_path_buf();
    Box::new(move || {
        let file: File = open_file(&path)?;
        open_redb(file_backend(file)?)
    })
}
