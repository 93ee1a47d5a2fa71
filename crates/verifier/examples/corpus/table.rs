use std::collections::BTreeMap;
use std::fmt;

/// What came of one piece of Evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Authentic; with the vendor's status where there is one.
    Accepted(String),
    /// Refused by that check.
    Refused(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(status) if status.is_empty() => f.write_str("accepted"),
            Self::Accepted(status) => write!(f, "accepted ({status})"),
            Self::Refused(check) => write!(f, "refused by {check}"),
        }
    }
}

#[derive(Debug, Default)]
struct Kind {
    files: usize,
    accepted: usize,
    parts: usize,
    refused: BTreeMap<String, usize>,
}

/// Outcomes by kind, and those that differ from the index.
#[derive(Debug, Default)]
pub(crate) struct Table {
    kinds: BTreeMap<String, Kind>,
    differ: Vec<(String, String)>,
    compared: usize,
}

impl Table {
    /// Counts a file.
    pub(crate) fn add(&mut self, kind: &str, outcome: &Outcome) {
        let kind = self.kinds.entry(kind.to_owned()).or_default();
        kind.files += 1;
        match outcome {
            Outcome::Accepted(_) => kind.accepted += 1,
            Outcome::Refused(check) => *kind.refused.entry(check.clone()).or_default() += 1,
        }
    }

    /// Counts a file that is no Evidence by itself: a part of some, or beside it.
    pub(crate) fn add_part(&mut self, kind: &str) {
        self.kinds.entry(kind.to_owned()).or_default().parts += 1;
    }

    /// Compares an outcome with the listed verdict.
    pub(crate) fn compare(&mut self, file: &str, agrees: bool, listed: &str, found: &Outcome) {
        self.compared += 1;
        if !agrees {
            let line = format!("{file}: listed `{listed}`, found: {found}");
            self.differ.push((file.to_owned(), line));
        }
    }

    /// The differing ones that the documentation does not name.
    pub(crate) fn unexplained(&self, documentation: &str) -> Vec<String> {
        let unnamed = self.differ.iter().filter(|(file, _)| {
            let name = file.rsplit('/').next().unwrap_or(file);
            !documentation.contains(name)
        });
        unnamed.map(|(_, line)| line.clone()).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:22} {:>8} {:>8}  {:>6} refused by",
            "kind", "Evidence", "accepted", "parts"
        )?;
        for (name, kind) in &self.kinds {
            let refused = kind.refused.iter().map(|(check, n)| format!("{check} {n}"));
            let refused = refused.collect::<Vec<_>>().join(", ");
            writeln!(
                f,
                "{name:22} {:>8} {:>8} {:>6}  {refused}",
                kind.files, kind.accepted, kind.parts
            )?;
        }
        writeln!(
            f,
            "\n{} verdicts compared, {} differ",
            self.compared,
            self.differ.len()
        )?;
        for (_, line) in &self.differ {
            writeln!(f, "  {line}")?;
        }
        Ok(())
    }
}
