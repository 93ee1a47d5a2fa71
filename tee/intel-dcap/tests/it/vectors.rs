//! Real Evidence, in the folder that the environment names.

use std::path::PathBuf;

use adyton_tee_intel_dcap::{IntelBundle, IntelEndorsements, IntelError, IntelTee, Roots};
use adyton_types::UnixTime;

pub(crate) struct Vectors(PathBuf);

/// One row of INTEL_VERDICTS.tsv.
pub(crate) struct Row {
    pub(crate) quote: String,
    pub(crate) bundle: String,
    pub(crate) now: UnixTime,
    pub(crate) strict: String,
    pub(crate) lenient: String,
}

impl Vectors {
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stdout,
        reason = "a test asks where the vectors are, and says that it was skipped"
    )]
    pub(crate) fn open() -> Option<Self> {
        let folder = std::env::var("ADYTON_VECTORS").ok();
        if folder.is_none() {
            println!("skipped: ADYTON_VECTORS is not set");
        }
        Some(Self(PathBuf::from(folder?)))
    }

    pub(crate) fn read(&self, file: &str) -> Vec<u8> {
        std::fs::read(self.0.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn table(&self, file: &str) -> Vec<Vec<String>> {
        let text = String::from_utf8(self.read(file)).expect("a table in UTF-8");
        text.lines()
            .skip(1)
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect()
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        self.table("INTEL_VERDICTS.tsv")
            .into_iter()
            .map(|row| Row {
                quote: row[0].clone(),
                bundle: row[1].clone(),
                now: UnixTime::from_secs(row[3].parse().expect("seconds")),
                strict: row[6].trim().to_owned(),
                lenient: match row[7].trim() {
                    "same" => row[6].trim().to_owned(),
                    other => other.to_owned(),
                },
            })
            .collect()
    }

    pub(crate) fn bundle(&self, file: &str) -> IntelBundle {
        IntelBundle::from_json(&self.read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn endorsements(
        &self,
        file: &str,
        now: UnixTime,
    ) -> Result<IntelEndorsements, IntelError> {
        let tee = if String::from_utf8_lossy(&self.bundle(file).tcb_info.body).contains("\"TDX\"") {
            IntelTee::Tdx
        } else {
            IntelTee::Sgx
        };
        IntelEndorsements::verify(tee, &self.bundle(file), &Roots::intel(), 0, now)
    }
}
