use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase as _, StorageBackend, TableDefinition};

use crate::StoreError;
use crate::head::Head;
use crate::keys::Keys;

/// All rows, of all tables: one B-tree, so that a commit dirties few pages.
pub(crate) const ROWS: TableDefinition<'static, &'static [u8], &'static [u8]> =
    TableDefinition::new("rows");

/// The sealed [`Head`]; no table has id 0.
pub(crate) const HEAD_KEY: &[u8] = &[0, 0];

/// By which the right root key is recognised.
pub(crate) const MARK_KEY: &[u8] = &[0, 1];

/// First stored key of a table's row.
pub(crate) const FIRST_ROW: &[u8] = &[1];

/// Memory for pages: a broker's working set is its newest log entries and its secrets.
const CACHE_BYTES: usize = 32 << 20;

/// Readable and writable by the owner only. What it holds is sealed; who may fill it is not.
const MODE: u32 = 0o600;

/// Makes the file, which must not exist, and sees to it that the directory keeps it.
pub(crate) fn create_file(path: &Path) -> Result<File, StoreError> {
    let file = options()
        .create_new(true)
        .open(path)
        .map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Exists,
            _ => StoreError::Disk(e),
        })?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))
        .and_then(|directory| directory.sync_all())
        .map_err(StoreError::Disk)?;
    Ok(file)
}

/// Opens the file, which must exist and hold something: an emptied file is no new store.
pub(crate) fn open_file(path: &Path) -> Result<File, StoreError> {
    let file = options().open(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => StoreError::Missing,
        _ => StoreError::Disk(e),
    })?;
    file.set_permissions(Permissions::from_mode(MODE))
        .map_err(StoreError::Disk)?;
    match file.metadata().map_err(StoreError::Disk)?.len() {
        0 => Err(StoreError::corrupt("the file is empty")),
        _ => Ok(file),
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(MODE);
    options
}

pub(crate) fn file_backend(file: File) -> Result<FileBackend, StoreError> {
    FileBackend::new(file).map_err(StoreError::redb)
}

/// Opens redb over a backend; every page's checksum is looked at.
pub(crate) fn open_redb(backend: impl StorageBackend) -> Result<Database, StoreError> {
    // redb panics on some files that somebody has altered; here that is an error like another.
    catch_unwind(AssertUnwindSafe(|| {
        redb::Builder::new()
            .set_cache_size(CACHE_BYTES)
            .set_check_integrity_on_open(true)
            .create_with_backend(backend)
    }))
    .map_err(|_| StoreError::corrupt("the file's structure is broken"))?
    .map_err(StoreError::redb)
}

/// Writes the first rows of a new store.
pub(crate) fn initialise(database: &Database, keys: &Keys) -> Result<Head, StoreError> {
    let head = Head::default();
    let transaction = database.begin_write().map_err(StoreError::redb)?;
    {
        let mut rows = transaction.open_table(ROWS).map_err(StoreError::redb)?;
        rows.insert(MARK_KEY, keys.mark().as_slice())
            .map_err(StoreError::redb)?;
        rows.insert(HEAD_KEY, keys.seal_head(&head.encode()).as_slice())
            .map_err(StoreError::redb)?;
    }
    transaction.commit().map_err(StoreError::redb)?;
    Ok(head)
}

/// Reads the head, and compares every row with it.
pub(crate) fn verify(database: &Database, keys: &Keys) -> Result<Head, StoreError> {
    let incomplete = || StoreError::corrupt("the store is incomplete");
    let transaction = database.begin_read().map_err(StoreError::redb)?;
    let rows = transaction.open_table(ROWS).map_err(|_| incomplete())?;
    let read = |key| {
        rows.get(key)
            .map_err(StoreError::redb)?
            .ok_or_else(incomplete)
    };
    if !keys.is_marked(read(MARK_KEY)?.value()) {
        return Err(StoreError::WrongKey);
    }
    let head = Head::decode(keys.open_head(read(HEAD_KEY)?.value())?.expose())?;
    let mut found = Head::default();
    for row in rows.range(FIRST_ROW..).map_err(StoreError::redb)? {
        let (key, value) = row.map_err(StoreError::redb)?;
        found.add(&keys.row_digest(key.value(), value.value()));
    }
    if found.same_rows(&head) {
        Ok(head)
    } else {
        Err(StoreError::corrupt("rows are missing, old or not its own"))
    }
}
