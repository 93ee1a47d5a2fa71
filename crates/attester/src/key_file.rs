use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use adyton_crypto::{CryptoRng, SecretArray};
use adyton_tee_software::{PLATFORM_KEY_BYTES, PlatformKey};
use rustix::fs::OFlags;

use crate::KeyFileError;

/// Makes a fresh platform key and its file: mode 0600, all of it or nothing, on disk when this
/// returns. Missing directories are made with mode 0700. An existing file is never touched.
///
/// # Errors
/// [`KeyFileError`].
pub fn create_platform_key(
    path: &Path,
    rng: &mut impl CryptoRng,
) -> Result<PlatformKey, KeyFileError> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let at_parent = io_error(parent);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(parent)
        .map_err(&at_parent)?;
    let directory = File::open(parent).map_err(&at_parent)?;
    owned_by_us(
        parent,
        &directory.metadata().map_err(&at_parent)?,
        0o022,
        0o700,
    )?;
    let key = PlatformKey::generate(rng);
    let temporary = temporary(path, rng);
    let written = write(&temporary, key.encode().expose())
        // A hard link appears at once, and fails where a rename would replace what is there.
        .and_then(|()| fs::hard_link(&temporary, path))
        .and_then(|()| directory.sync_all());
    let removed = fs::remove_file(&temporary);
    match written {
        Err(why) if why.kind() == io::ErrorKind::AlreadyExists => Err(KeyFileError::Exists {
            path: path.to_owned(),
        }),
        other => other.and(removed).map(|()| key).map_err(io_error(path)),
    }
}

/// Loads the platform key at `path`.
///
/// # Errors
/// [`KeyFileError`], also if others may read the file, or another user owns it.
pub fn load_platform_key(path: &Path) -> Result<PlatformKey, KeyFileError> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path);
    let file = opened.map_err(|why| match why.raw_os_error() {
        Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => KeyFileError::NotAFile {
            path: path.to_owned(),
        },
        Some(code) if code == rustix::io::Errno::NOENT.raw_os_error() => KeyFileError::Missing {
            path: path.to_owned(),
        },
        _ => io_error(path)(why),
    })?;
    read_platform_key(file, path)
}

/// Reads the platform key from an open file, which may have come over a descriptor; `path` names
/// it in errors.
///
/// # Errors
/// [`KeyFileError`], also if others may read the file, or another user owns it.
pub fn read_platform_key(mut file: File, path: &Path) -> Result<PlatformKey, KeyFileError> {
    let metadata = file.metadata().map_err(io_error(path))?;
    if !metadata.is_file() {
        return Err(KeyFileError::NotAFile {
            path: path.to_owned(),
        });
    }
    owned_by_us(path, &metadata, 0o077, 0o600)?;
    if usize::try_from(metadata.len()) != Ok(PLATFORM_KEY_BYTES) {
        return Err(KeyFileError::Contents {
            path: path.to_owned(),
            why: None,
        });
    }
    let mut read = Ok(());
    let bytes = SecretArray::<PLATFORM_KEY_BYTES>::fill_with(|bytes| read = file.read_exact(bytes));
    read.map_err(io_error(path))?;
    PlatformKey::parse(bytes.expose()).map_err(|why| KeyFileError::Contents {
        path: path.to_owned(),
        why: Some(why),
    })
}

/// Refuses what another user owns, or on which others have a right of `forbidden`.
fn owned_by_us(
    path: &Path,
    metadata: &fs::Metadata,
    forbidden: u32,
    wanted: u32,
) -> Result<(), KeyFileError> {
    let (path, mode) = (path.to_owned(), metadata.mode() & 0o7777);
    let (expected, found) = (rustix::process::geteuid().as_raw(), metadata.uid());
    if found != expected {
        return Err(KeyFileError::Owner {
            path,
            expected,
            found,
        });
    }
    if mode & forbidden != 0 {
        return Err(KeyFileError::Mode { path, mode, wanted });
    }
    Ok(())
}

fn temporary(path: &Path, rng: &mut impl CryptoRng) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{:016x}", rng.next_u64()));
    name.into()
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> KeyFileError {
    let path = path.to_owned();
    move |why| KeyFileError::Io {
        path: path.clone(),
        why,
    }
}

#[cfg(test)]
mod tests;
