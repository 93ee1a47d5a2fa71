use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use adyton_types::UnixTime;
use adyton_verifier::envelope::{Found, detect};

/// A row of `INDEX.tsv`.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) file: String,
    pub(crate) kind: String,
    pub(crate) verdict: String,
    pub(crate) time: String,
}

/// A directory of vectors.
#[derive(Debug)]
pub(crate) struct Index {
    root: PathBuf,
    rows: Vec<Row>,
}

impl Index {
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(root.join("INDEX.tsv"))?;
        let rows = text.lines().filter_map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let cell = |at: usize| cells.get(at).map(|cell| (*cell).to_owned());
            Some(Row {
                file: cell(0)?,
                kind: cell(1)?,
                verdict: cell(7)?,
                time: cell(8)?,
            })
        });
        Ok(Self {
            root: root.to_owned(),
            rows: rows.filter(|row| row.kind != "type").collect(),
        })
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(crate) fn bytes(&self, file: &str) -> io::Result<Vec<u8>> {
        fs::read(self.root.join(file))
    }

    pub(crate) fn text(&self, file: &str) -> io::Result<String> {
        fs::read_to_string(self.root.join(file))
    }

    /// The files of a folder.
    pub(crate) fn folder(&self, name: &str) -> io::Result<Vec<Vec<u8>>> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(self.root.join(name))? {
            paths.push(entry?.path());
        }
        paths.sort();
        paths.into_iter().map(fs::read).collect()
    }

    /// The Evidence in a file; none if it is only a part of some.
    pub(crate) fn evidence(&self, row: &Row) -> io::Result<Option<Found>> {
        Ok(detect(&self.bytes(&row.file)?).ok())
    }
}

impl Row {
    /// The first time in its column, at noon of a day.
    pub(crate) fn starts(&self) -> Option<UnixTime> {
        let first = self.time.split("..").next()?;
        match first.len() {
            10 => format!("{first}T12:00:00Z").parse().ok(),
            _ => first.get(..20)?.parse().ok(),
        }
    }
}
