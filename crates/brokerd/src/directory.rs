use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::BrokerdError;

/// A broker's directory, locked by this process for as long as this lives.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Makes the directory, if it is not there yet, and locks it. It must hold no broker. Gives
    /// whether the directory was made.
    pub(crate) fn create(path: &Path) -> Result<(Self, bool), BrokerdError> {
        let made = match DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(BrokerdError::file(path)(error)),
        };
        let directory = Self::lock(path)?;
        let files = [directory.root_key(), directory.store(), directory.card()];
        if files.iter().any(|file| file.symlink_metadata().is_ok()) {
            return Err(BrokerdError::Exists {
                path: path.to_owned(),
            });
        }
        Ok((directory, made))
    }

    /// Removes a broker that could not be finished, and the directory if it was `made` for it.
    pub(crate) fn clear(&self, made: bool) {
        let lock = self.path.join(LOCK);
        for file in [self.card(), self.store(), self.root_key(), lock] {
            // The error that led here is the one that matters; a broker half there is recognised.
            let _ = std::fs::remove_file(file);
        }
        if made {
            let _ = std::fs::remove_dir(&self.path);
        }
    }

    /// Locks a directory that holds a whole broker.
    pub(crate) fn open(path: &Path) -> Result<Self, BrokerdError> {
        let at = |file: &str| path.join(file).symlink_metadata().is_ok();
        let owned = path.to_owned();
        // The card is written last.
        match (at(ROOT_KEY), at(CARD)) {
            (false, _) => Err(BrokerdError::Missing { path: owned }),
            (true, false) => Err(BrokerdError::Unfinished { path: owned }),
            (true, true) => Self::lock(path),
        }
    }

    fn lock(path: &Path) -> Result<Self, BrokerdError> {
        let place = std::fs::metadata(path).map_err(BrokerdError::file(path))?;
        own(path, &place)?;
        if place.mode() & 0o022 != 0 {
            return Err(BrokerdError::NotPrivate {
                path: path.to_owned(),
                mode: place.mode() & 0o7777,
            });
        }
        let file = path.join(LOCK);
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&file)
            .map_err(BrokerdError::file(&file))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(BrokerdError::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(BrokerdError::file(&file)(error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn root_key(&self) -> PathBuf {
        self.path.join(ROOT_KEY)
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path.join("store.redb")
    }

    pub(crate) fn card(&self) -> PathBuf {
        card_in(&self.path)
    }
}

const LOCK: &str = "lock";
const ROOT_KEY: &str = "broker.key";
const CARD: &str = "card";

/// Where the card of a directory's broker is.
pub(crate) fn card_in(directory: &Path) -> PathBuf {
    directory.join(CARD)
}

/// Where the daemon of a directory listens for its owner.
pub(crate) fn socket_in(directory: &Path) -> PathBuf {
    directory.join("admin.sock")
}

/// Writes a file that must not exist yet, and returns when it and its name are durable.
pub(crate) fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), BrokerdError> {
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        sync_parent(path)
    };
    write().map_err(BrokerdError::file(path))
}

/// Makes the names in a file's directory durable.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

/// A file or directory of this very user, not of somebody whose secrets would then be theirs too.
pub(crate) fn own(path: &Path, place: &std::fs::Metadata) -> Result<(), BrokerdError> {
    let (expected, found) = (rustix::process::geteuid().as_raw(), place.uid());
    if found == expected {
        Ok(())
    } else {
        Err(BrokerdError::Owner {
            path: path.to_owned(),
            expected,
            found,
        })
    }
}
