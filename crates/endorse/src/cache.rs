use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use adyton_codec::hex_encode;
use adyton_crypto::{os_rng, random};
use adyton_verifier::material::MAX_FILE_BYTES;

use crate::FetchError;

/// A directory of Endorsements, each in a file of its own: the one that was asked for, as its vendor
/// signed it, without what a server sent along. Having one tells you nothing about what is in it: whoever uses it verifies it.
///
/// Several processes may use one at the same time: a file appears under its name whole, or not at
/// all. Names that begin with a dot are files in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache(PathBuf);

impl Cache {
    /// Opens a directory; it is made if it is missing.
    ///
    /// # Errors
    /// [`FetchError::File`].
    pub fn open(path: &Path) -> Result<Self, FetchError> {
        fs::create_dir_all(path).map_err(FetchError::file("make", path))?;
        Ok(Self(path.to_owned()))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file's contents, if it is there. One that is too long to be an Endorsement is none.
    pub(crate) fn load(&self, name: &str) -> Result<Option<Vec<u8>>, FetchError> {
        let path = self.0.join(name);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FetchError::file("read", &path)(error)),
        };
        let mut bytes = Vec::new();
        let most = MAX_FILE_BYTES as u64 + 1;
        let read = file.take(most).read_to_end(&mut bytes);
        read.map_err(FetchError::file("read", &path))?;
        Ok((bytes.len() <= MAX_FILE_BYTES).then_some(bytes))
    }

    /// Puts a file in place, at once and for good.
    pub(crate) fn store(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, FetchError> {
        let path = self.0.join(name);
        let random = hex_encode(random::<8>(&mut os_rng()).expose());
        let making = Making(self.0.join(format!(".{random}.tmp")));
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&making.0);
        let written = written.and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        written.map_err(FetchError::file("write", &path))?;
        fs::rename(&making.0, &path).map_err(FetchError::file("write", &path))?;
        let directory = File::open(&self.0).and_then(|directory| directory.sync_all());
        directory.map_err(FetchError::file("write", &path))?;
        Ok(path)
    }
}

/// A file in the making, which goes unless it has taken its final name.
struct Making(PathBuf);

impl Drop for Making {
    fn drop(&mut self) {
        // After the renaming there is none, and nothing can be done about a failure here.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_appear_whole_and_replace_others_whole() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::open(&directory.path().join("a/b")).unwrap();
        assert_eq!(cache.load("x").unwrap(), None);
        cache.store("x", b"one").unwrap();
        cache.store("x", b"two").unwrap();
        assert_eq!(cache.load("x").unwrap().as_deref(), Some(&b"two"[..]));
        assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 1);
        cache.store("x", &vec![0; MAX_FILE_BYTES + 1]).unwrap();
        assert_eq!(cache.load("x").unwrap(), None);
    }

    #[test]
    fn a_name_that_cannot_be_written_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::open(directory.path()).unwrap();
        fs::create_dir(directory.path().join("taken")).unwrap();
        fs::write(directory.path().join("taken/by"), "").unwrap();
        assert!(cache.store("taken", b"one").is_err());
        assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 1);
    }
}
