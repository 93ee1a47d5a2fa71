use std::fs;
use std::path::{Path, PathBuf};

/// The directory of recorded Evidence. Having one tells you that the environment names it, and
/// nothing about what is in it.
#[derive(Debug, Clone)]
pub struct Vectors(PathBuf);

impl Vectors {
    /// The directory that `ADYTON_VECTORS` names; without it a line that says so, and `None`.
    #[must_use]
    #[expect(clippy::print_stdout, reason = "a test that was skipped has to say so")]
    pub fn open() -> Option<Self> {
        let directory = std::env::var_os("ADYTON_VECTORS");
        if directory.is_none() {
            println!("skipped: ADYTON_VECTORS is not set");
        }
        Some(Self(directory?.into()))
    }

    /// Where a file or folder is.
    #[must_use]
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }

    /// The bytes of one file.
    ///
    /// # Panics
    /// Where there is no such file.
    #[must_use]
    pub fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// The lines of a table, each in its cells, without the line of headings.
    ///
    /// # Panics
    /// Where there is no such file, or it is no text.
    #[must_use]
    pub fn table(&self, file: &str) -> Vec<Vec<String>> {
        let text = String::from_utf8(self.read(file)).expect("a table is UTF-8");
        let rows = text.lines().skip(1);
        rows.map(|row| row.split('\t').map(str::to_owned).collect())
            .collect()
    }

    /// The names of the files of one folder, in order.
    ///
    /// # Panics
    /// Where there is no such folder.
    #[must_use]
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder));
        let entries = entries.unwrap_or_else(|error| panic!("{folder}: {error}"));
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap_or_else(|error| panic!("{folder}: {error}")))
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Every file of one folder with its name, in the order of names.
    ///
    /// # Panics
    /// Where there is no such folder.
    #[must_use]
    pub fn folder(&self, folder: &str) -> Vec<(String, Vec<u8>)> {
        let names = self.names(folder).into_iter();
        names
            .map(|name| {
                let bytes = self.read(&format!("{folder}/{name}"));
                (name, bytes)
            })
            .collect()
    }

    /// The first file of a folder whose name ends so. Names begin with where a file was found.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn ending(&self, folder: &str, end: &str) -> Vec<u8> {
        self.first(folder, end, |name| name.ends_with(end))
    }

    /// The first file of a folder whose name begins so.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn starting(&self, folder: &str, start: &str) -> Vec<u8> {
        self.first(folder, start, |name| name.starts_with(start))
    }

    fn first(&self, folder: &str, wanted: &str, is_it: impl Fn(&String) -> bool) -> Vec<u8> {
        let name = self.names(folder).into_iter().find(is_it);
        let name = name.unwrap_or_else(|| panic!("no `{wanted}` in {folder}"));
        self.read(&format!("{folder}/{name}"))
    }
}
