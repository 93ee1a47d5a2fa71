//! Real Evidence, in the folder that the environment names.

use adyton_tee_intel_dcap::{IntelBundle, IntelEndorsements, IntelError, IntelTee, Roots};
use adyton_types::UnixTime;

pub(crate) struct Vectors(adyton_vectors::Vectors);

/// One row of INTEL_VERDICTS.tsv.
pub(crate) struct Row {
    pub(crate) quote: String,
    pub(crate) bundle: String,
    pub(crate) now: UnixTime,
    pub(crate) strict: String,
    pub(crate) lenient: String,
}

impl Vectors {
    pub(crate) fn open() -> Option<Self> {
        adyton_vectors::Vectors::open().map(Self)
    }

    pub(crate) fn read(&self, file: &str) -> Vec<u8> {
        self.0.read(file)
    }

    pub(crate) fn table(&self, file: &str) -> Vec<Vec<String>> {
        self.0.table(file)
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
