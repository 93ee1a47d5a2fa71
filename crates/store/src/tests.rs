use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use adyton_crypto::SecretArray;
use adyton_types::ErrorClass;
use redb::StorageBackend;
use redb::backends::FileBackend;

use crate::database::{ROWS, file_backend, open_file, open_redb};
use crate::keys::Keys;
use crate::{Store, StoreError, Table, Tx};

const NAMES: Table = Table::hidden(1, "names");
const ROW_NUMBERS: Table = Table::ordered(2, "numbers");
const TABLES: [Table; 2] = [NAMES, ROW_NUMBERS];

fn root(n: u8) -> SecretArray<32> {
    SecretArray::fill_with(|b| b.fill(n))
}

struct Place {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("store");
    Place {
        _directory: directory,
        path,
    }
}

fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(path, &root(1), &TABLES)
}

fn put(store: &Store, key: &'static [u8], value: &'static [u8]) -> Result<(), StoreError> {
    store.transact(move |tx| tx.write(NAMES, key, value))
}

fn read(store: &Store, key: &[u8]) -> Option<Vec<u8>> {
    let read = store.view::<_, _, StoreError>(|tx| tx.read(NAMES, key));
    read.expect("readable").map(|v| v.expose().to_vec())
}

#[test]
fn rows_survive_reopening() {
    let place = place();
    let store = Store::create(&place.path, &root(1), &TABLES).unwrap();
    put(&store, b"hospital-a", b"top secret").unwrap();
    put(&store, b"gone", b"x").unwrap();
    let removed = store.transact::<_, _, StoreError>(|tx| tx.remove(NAMES, b"gone"));
    removed.unwrap();
    assert_eq!(store.generation(), 3);
    drop(store);
    let store = open(&place.path).unwrap();
    assert_eq!(store.generation(), 3);
    assert_eq!(read(&store, b"hospital-a").unwrap(), b"top secret");
    assert_eq!(read(&store, b"gone"), None);
}

#[test]
fn the_file_shows_neither_names_nor_values_and_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = place();
    let store = Store::create(&place.path, &root(1), &TABLES).unwrap();
    put(&store, b"hospital-a", b"top secret").unwrap();
    drop(store);
    let bytes = std::fs::read(&place.path).unwrap();
    for needle in [b"hospital-a".as_slice(), b"top secret"] {
        assert!(!bytes.windows(needle.len()).any(|w| w == needle));
    }
    let mode = std::fs::metadata(&place.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn nothing_is_taken_for_a_new_store() {
    let place = place();
    assert!(matches!(open(&place.path), Err(StoreError::Missing)));
    let store = Store::create(&place.path, &root(1), &TABLES).unwrap();
    assert!(matches!(open(&place.path), Err(StoreError::Locked)));
    drop(store);
    assert!(matches!(
        Store::create(&place.path, &root(1), &TABLES),
        Err(StoreError::Exists)
    ));
    assert!(matches!(
        Store::open(&place.path, &root(2), &TABLES),
        Err(StoreError::WrongKey)
    ));
    std::fs::write(&place.path, b"").unwrap();
    assert!(matches!(open(&place.path), Err(StoreError::Corrupt { .. })));
    std::fs::write(&place.path, [7; 4096]).unwrap();
    assert!(matches!(open(&place.path), Err(StoreError::Corrupt { .. })));
}

#[test]
fn a_failing_or_panicking_transaction_leaves_nothing() {
    let place = place();
    let store = Store::create(&place.path, &root(1), &TABLES).unwrap();
    put(&store, b"a", b"1").unwrap();
    let failed: Result<(), StoreError> = store.transact(|tx| {
        tx.write(NAMES, b"a", b"2")?;
        tx.write(NAMES, b"b", b"2")?;
        Err(StoreError::Missing)
    });
    assert!(matches!(failed, Err(StoreError::Missing)));
    let panicked: Result<(), StoreError> = store.transact(|tx| {
        tx.write(NAMES, b"a", b"3")?;
        std::panic::resume_unwind(Box::new("quietly"));
    });
    assert!(matches!(panicked, Err(StoreError::Panicked)));
    assert_eq!(store.generation(), 1);
    assert_eq!(read(&store, b"a").unwrap(), b"1");
    assert_eq!(read(&store, b"b"), None);
    put(&store, b"a", b"4").unwrap();
    assert_eq!(read(&store, b"a").unwrap(), b"4");
}

#[test]
fn a_transaction_sees_its_own_writes() {
    let place = place();
    let store = Store::create(&place.path, &root(1), &TABLES).unwrap();
    put(&store, b"a", b"1").unwrap();
    let seen = store.transact::<_, _, StoreError>(|tx| {
        tx.write(NAMES, b"b", b"2")?;
        tx.remove(NAMES, b"a")?;
        assert!(tx.read(NAMES, b"a")?.is_none());
        assert_eq!(tx.read(NAMES, b"b")?.unwrap().expose(), b"2");
        for n in 0u64..10 {
            tx.write(ROW_NUMBERS, &n.to_be_bytes(), &[7])?;
        }
        tx.remove(ROW_NUMBERS, &4u64.to_be_bytes())?;
        let some = tx.scan_from(ROW_NUMBERS, &3u64.to_be_bytes(), 3)?;
        let keys: Vec<_> = some.into_keys().map(|k| k[7]).collect();
        assert_eq!(keys, [3, 5, 6]);
        Ok(tx.scan(NAMES)?.into_keys().collect::<Vec<_>>())
    });
    assert_eq!(seen.unwrap(), [b"b".to_vec()]);
    let rest = store.view::<_, _, StoreError>(|tx| tx.scan_from(ROW_NUMBERS, &[0; 8], 5));
    assert_eq!(rest.unwrap().len(), 5);
    let unknown = store.view::<_, _, StoreError>(|tx| tx.read(Table::hidden(9, "other"), b""));
    assert!(matches!(unknown, Err(StoreError::UnknownTable { .. })));
    let hidden = store.view::<_, _, StoreError>(|tx| tx.scan_from(NAMES, b"", 1));
    assert!(hidden.is_err(), "a hidden table has no order");
}

#[test]
fn limits() {
    let place = place();
    let store = Store::create(&place.path, &root(1), &TABLES).unwrap();
    let long = store.transact::<_, _, StoreError>(|tx| tx.write(NAMES, &[0; 257], b""));
    assert!(matches!(long, Err(StoreError::TooLong { .. })));
    let big = store.transact::<_, _, StoreError>(|tx| tx.write(NAMES, b"", &[0; (1 << 20) + 1]));
    assert!(matches!(big, Err(StoreError::TooLong { .. })));
}

/// Does to the rows in the file what an adversary with redb could do.
fn tamper(path: &Path, with: impl FnOnce(&mut redb::Table<'_, &[u8], &[u8]>)) {
    let database = open_redb(file_backend(open_file(path).unwrap()).unwrap()).unwrap();
    let transaction = database.begin_write().unwrap();
    with(&mut transaction.open_table(ROWS).unwrap());
    transaction.commit().unwrap();
}

fn row(path: &Path, key: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    tamper(path, |rows| {
        use redb::ReadableTable as _;
        found = rows.get(key).unwrap().unwrap().value().to_vec();
    });
    found
}

#[test]
fn rows_that_are_exchanged_old_or_missing_are_noticed() {
    let place = place();
    let path = place.path.as_path();
    let store = Store::create(path, &root(1), &TABLES).unwrap();
    put(&store, b"a", b"old").unwrap();
    put(&store, b"b", b"other").unwrap();
    drop(store);
    let keys = Keys::new(&root(1), &TABLES);
    let a = keys.stored_key(NAMES, b"a").unwrap();
    let b = keys.stored_key(NAMES, b"b").unwrap();
    let (old_a, old_b) = (row(path, &a), row(path, &b));
    put(&open(path).unwrap(), b"a", b"new").unwrap();
    let new_a = row(path, &a);
    assert!(open(path).is_ok());

    let refused = |what: &str| {
        assert!(
            matches!(open(path), Err(StoreError::Corrupt { .. })),
            "{what}"
        );
    };
    tamper(path, |rows| {
        drop(rows.insert(a.as_slice(), &*old_a).unwrap())
    });
    refused("an old row");
    tamper(path, |rows| {
        drop(rows.insert(a.as_slice(), &*old_b).unwrap())
    });
    refused("another row's value");
    tamper(path, |rows| drop(rows.remove(a.as_slice()).unwrap()));
    refused("a missing row");
    tamper(path, |rows| {
        drop(rows.insert(a.as_slice(), &*new_a).unwrap());
        drop(rows.insert([2, 0].as_slice(), &*new_a).unwrap());
    });
    refused("an added row");
    tamper(path, |rows| drop(rows.remove([2, 0].as_slice()).unwrap()));
    assert!(open(path).is_ok(), "as it was written");
    // Even where the digest is not looked at, a row opens in its place only.
    assert!(keys.open(&a, &old_b).is_err());
    assert!(keys.open(&a, &new_a).is_ok());
}

#[test]
fn no_changed_byte_and_no_truncation_changes_what_is_read() {
    let place = place();
    let store = Store::create(&place.path, &root(1), &TABLES).unwrap();
    put(&store, b"a", b"value").unwrap();
    drop(store);
    let good = std::fs::read(&place.path).unwrap();
    // The file has far more bytes than rows: a sample of every region is enough.
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = std::panic::catch_unwind(|| {
        for at in (0..good.len().min(1 << 16)).step_by(997) {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            std::fs::write(&place.path, &bad).unwrap();
            match open(&place.path) {
                Ok(store) => assert_eq!(read(&store, b"a").unwrap(), b"value", "byte {at}"),
                Err(error) => assert_ne!(error.class(), ErrorClass::Misuse, "byte {at}"),
            }
        }
        for len in [1, 100, 4096, good.len() / 2, good.len() - 1] {
            std::fs::write(&place.path, &good[..len]).unwrap();
            if let Ok(store) = open(&place.path) {
                assert_eq!(read(&store, b"a").unwrap(), b"value", "cut at {len}");
            }
        }
    });
    std::panic::set_hook(quiet);
    outcome.unwrap();
}

#[test]
fn concurrent_transactions_are_serialised() {
    let place = place();
    let store = Store::create(&place.path, &root(1), &TABLES).unwrap();
    let count = |tx: &mut Tx<'_>| -> Result<u64, StoreError> {
        let old = tx.read(NAMES, b"count")?.map_or(0, |v| {
            u64::from_be_bytes(v.expose().try_into().expect("eight bytes"))
        });
        tx.write(NAMES, b"count", &(old + 1).to_be_bytes())?;
        Ok(old)
    };
    let mut seen: Vec<u64> = std::thread::scope(|scope| {
        let store = &store;
        let workers: Vec<_> = (0..8)
            .map(|worker| {
                scope.spawn(move || {
                    (0..20)
                        .filter_map(|i| {
                            let fails = (worker + i) % 4 == 0;
                            store
                                .transact(move |tx| {
                                    let old = count(tx)?;
                                    if fails {
                                        Err(StoreError::Missing)
                                    } else {
                                        Ok(old)
                                    }
                                })
                                .ok()
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("no panic"))
            .collect()
    });
    seen.sort_unstable();
    assert_eq!(seen, (0..120).collect::<Vec<_>>());
    assert!(
        store.generation() <= 120,
        "some shared a commit, or none did"
    );
}

/// A disk that is full while the switch is on.
#[derive(Debug)]
struct Full(FileBackend, Arc<AtomicBool>);

impl Full {
    fn room(&self) -> io::Result<()> {
        if self.1.load(Ordering::Relaxed) {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        } else {
            Ok(())
        }
    }
}

impl StorageBackend for Full {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.room()?;
        self.0.set_len(len)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.room()?;
        self.0.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.room()?;
        self.0.write(offset, data)
    }
    fn close(&self) -> io::Result<()> {
        self.0.close()
    }
}

#[test]
fn a_full_disk_is_unavailable_and_nothing_is_half_written() {
    let place = place();
    let store = Store::create(&place.path, &root(1), &TABLES).unwrap();
    put(&store, b"a", b"1").unwrap();
    drop(store);
    let full = Arc::new(AtomicBool::new(false));
    let opener = {
        let (path, full) = (place.path.clone(), Arc::clone(&full));
        move || open_redb(Full(file_backend(open_file(&path)?)?, Arc::clone(&full)))
    };
    let store = Store::open_with(Box::new(opener), Keys::new(&root(1), &TABLES)).unwrap();
    for round in 0u64..3 {
        full.store(true, Ordering::Relaxed);
        for _ in 0..2 {
            let error = store
                .transact::<_, (), StoreError>(|tx| {
                    tx.write(NAMES, b"a", b"2")?;
                    tx.write(NAMES, b"b", b"2")
                })
                .unwrap_err();
            assert_eq!(error.class(), ErrorClass::Unavailable, "{error}");
        }
        full.store(false, Ordering::Relaxed);
        assert_eq!(read(&store, b"a").unwrap(), b"1");
        assert_eq!(read(&store, b"b"), None);
        put(&store, b"c", b"3").unwrap();
        assert_eq!(store.generation(), 2 + round);
    }
    drop(store);
    let store = open(&place.path).unwrap();
    assert_eq!(read(&store, b"a").unwrap(), b"1");
    assert_eq!(read(&store, b"c").unwrap(), b"3");
}

#[test]
fn a_file_replaced_by_an_older_one_while_failing_is_noticed() {
    let place = place();
    let store = Store::create(&place.path, &root(1), &TABLES).unwrap();
    put(&store, b"a", b"1").unwrap();
    drop(store);
    let old = std::fs::read(&place.path).unwrap();
    let full = Arc::new(AtomicBool::new(false));
    let opener = {
        let (path, full) = (place.path.clone(), Arc::clone(&full));
        move || open_redb(Full(file_backend(open_file(&path)?)?, Arc::clone(&full)))
    };
    let store = Store::open_with(Box::new(opener), Keys::new(&root(1), &TABLES)).unwrap();
    put(&store, b"a", b"2").unwrap();
    put(&store, b"a", b"3").unwrap();
    full.store(true, Ordering::Relaxed);
    assert!(put(&store, b"a", b"4").is_err());
    std::fs::write(&place.path, &old).unwrap();
    full.store(false, Ordering::Relaxed);
    assert!(matches!(
        put(&store, b"a", b"5"),
        Err(StoreError::Corrupt { .. })
    ));
}
