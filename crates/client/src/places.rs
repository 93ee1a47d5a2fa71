use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::RunError;

/// Files of a run by where they are, so that no two are one.
#[derive(Debug, Default)]
pub(crate) struct Places(BTreeMap<PathBuf, String>);

impl Places {
    /// Notes a file that the run reads. The same file may be read as two things.
    pub(crate) fn read(&mut self, path: &Path, what: impl Into<String>) {
        self.0.insert(place(path), what.into());
    }

    /// Notes a file that the run writes.
    ///
    /// # Errors
    /// [`RunError::SamePlace`] if it is written as something else too, or read.
    pub(crate) fn write(&mut self, path: &Path, what: impl Into<String>) -> Result<(), RunError> {
        let what = what.into();
        match self.0.insert(place(path), what.clone()) {
            None => Ok(()),
            Some(other) => Err(RunError::SamePlace {
                path: path.to_owned(),
                what,
                other,
            }),
        }
    }
}

/// The directory as the system knows it, and the name in it: a file that takes a link's name
/// replaces the link, and not what it points to.
fn place(path: &Path) -> PathBuf {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match (parent.canonicalize(), path.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_by_two_names_is_one_file() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let mut places = Places::default();
        places.read(&dir.path().join("a.age"), "the input `a`");
        places.read(&dir.path().join("a.age"), "the input `b`");
        places
            .write(&inner.join("a.age"), "the output `a`")
            .unwrap();
        let again = inner.join("..").join("a.age");
        let error = places.write(&again, "the receipt").unwrap_err();
        assert!(error.to_string().contains("the input `b`"), "{error}");
    }
}
