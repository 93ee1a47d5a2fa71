use std::fs::File;
use std::path::{Path, PathBuf};

use adyton_codec::hex_encode;

use crate::{Access, Existing, NewFile};

/// Compiled code that earlier runs left. The enclave wrote it, and checks its authentication code
/// before it uses it; whoever alters it here gains a compilation.
///
/// A cache that cannot be used is none: nothing here is an error.
#[derive(Debug, Default)]
pub(crate) struct CodeCache {
    read: Option<File>,
    write: Option<NewFile>,
}

impl CodeCache {
    pub(crate) fn open(dir: Option<&Path>, component: &[u8; 48]) -> Self {
        let Some(dir) = dir else {
            return Self::default();
        };
        let path: PathBuf = dir.join(format!("{}.code", hex_encode(component)));
        let regular = |file: &File| file.metadata().is_ok_and(|meta| meta.is_file());
        let read = File::open(&path).ok().filter(regular);
        let made = std::fs::create_dir_all(dir).is_ok();
        let write = made.then(|| NewFile::create(&path, Access::Private, Existing::Replace).ok());
        Self {
            read,
            write: write.flatten(),
        }
    }

    pub(crate) const fn read(&self) -> Option<&File> {
        self.read.as_ref()
    }

    pub(crate) fn write(&self) -> Option<&File> {
        self.write.as_ref().map(NewFile::file)
    }

    /// Keeps what the enclave wrote.
    pub(crate) fn publish(self) {
        if let Some(new) = self.write
            && new.file().metadata().is_ok_and(|meta| meta.len() > 0)
        {
            // The run goes on without a cache.
            let _ = new.publish();
        }
    }
}
