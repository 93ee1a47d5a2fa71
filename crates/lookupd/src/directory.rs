use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use adyton_crypto::SecretBytes;
use adyton_transport::{TlsKey, TransportError};

use crate::error::LookupdError;

/// The longest TLS key: P-256 in PKCS #8 takes 138 bytes.
const MAX_KEY_BYTES: u64 = 4096;

/// A front's directory, locked by this process for as long as this lives.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Opens a directory, and makes it if need be.
    pub(crate) fn open(path: &Path) -> Result<Self, LookupdError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(LookupdError::file(path))?;
        let file = path.join("lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&file)
            .map_err(LookupdError::file(&file))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(LookupdError::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(LookupdError::file(&file)(error)),
        }
    }

    /// The TLS key, made at the first start. Losing it costs the clients a new address.
    pub(crate) fn tls_key(&self) -> Result<TlsKey, LookupdError> {
        let path = self.path.join("tls.key");
        match File::open(&path) {
            Ok(file) => {
                let mut bytes = Vec::new();
                let read = file.take(MAX_KEY_BYTES).read_to_end(&mut bytes);
                read.map_err(LookupdError::file(&path))?;
                Ok(TlsKey::from_pkcs8(&SecretBytes::new(bytes))?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_key(&path),
            Err(error) => Err(LookupdError::file(&path)(error)),
        }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        socket_in(&self.path)
    }
}

/// Written whole under another name first: a key that is cut short would be in the way for ever.
fn make_key(path: &Path) -> Result<TlsKey, LookupdError> {
    let key = TlsKey::generate().map_err(|_| TransportError::Key)?;
    let new = path.with_extension("new");
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(key.to_pkcs8().expose())?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    };
    write().map_err(LookupdError::file(path))?;
    Ok(key)
}

/// Where the front of a directory listens for its operator.
pub(crate) fn socket_in(directory: &Path) -> PathBuf {
    directory.join("admin.sock")
}
