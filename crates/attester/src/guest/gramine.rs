use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use adyton_crypto::{SecretArray, ct_eq, hkdf_sha256};
use adyton_types::{Evidence, ReportData, TeeKind};

use super::GuestError;
use crate::{Attester, AttesterError};

/// The longest quote: with a platform's certificates 5 KiB.
const MAX_QUOTE_BYTES: u64 = 1 << 16;
/// Length of the key that Gramine derives from the enclave's measurement.
const SEAL_KEY_BYTES: usize = 16;

/// SGX through Gramine's pseudo-files, which exist only inside an enclave (Gramine documentation,
/// "Attestation and Secret Provisioning").
///
/// Gramine keeps one user report data for the whole process: nobody else may use these files
/// meanwhile. A quote over other data is not made to look like one: the binding in it is compared.
#[derive(Debug)]
pub struct GramineAttester {
    directory: PathBuf,
}

impl GramineAttester {
    /// Opens `/dev/attestation` below `root`, which is `/` except in tests.
    ///
    /// # Errors
    /// [`GuestError`]; [`GuestError::AttestationType`] unless it attests by DCAP.
    pub fn open(root: &Path) -> Result<Self, GuestError> {
        let attester = Self {
            directory: root.join("dev/attestation"),
        };
        let found = attester.read("attestation_type", 64)?;
        match found.trim_ascii() {
            b"dcap" => Ok(attester),
            other => Err(GuestError::AttestationType {
                found: String::from_utf8_lossy(other).chars().take(80).collect(),
            }),
        }
    }

    fn read(&self, name: &str, max: u64) -> Result<Vec<u8>, GuestError> {
        let path = self.directory.join(name);
        let mut bytes = Vec::new();
        fs::File::open(&path)
            .and_then(|file| file.take(max).read_to_end(&mut bytes))
            .map(|_| bytes)
            .map_err(|why| failed("read", path, why))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), GuestError> {
        let path = self.directory.join(name);
        OpenOptions::new()
            .write(true)
            .open(&path)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(|why| failed("write", path, why))
    }

    /// A quote over `report_data`.
    ///
    /// # Errors
    /// [`GuestError`].
    pub fn quote(&self, report_data: &ReportData) -> Result<Vec<u8>, GuestError> {
        self.write("user_report_data", report_data.as_bytes())?;
        let quote = self.read("quote", MAX_QUOTE_BYTES)?;
        // REPORTDATA of the report in a quote of version 3: header 48, then offset 320.
        match quote.get(368..432) {
            Some(found) if ct_eq(found, report_data.as_bytes()) => Ok(quote),
            _ => Err(GuestError::Answer {
                interface: "/dev/attestation/quote",
                what: "it is over other report data",
            }),
        }
    }
}

const fn failed(what: &'static str, path: PathBuf, why: io::Error) -> GuestError {
    GuestError::File { what, path, why }
}

impl Attester for GramineAttester {
    fn kind(&self) -> TeeKind {
        TeeKind::Sgx
    }

    fn evidence(&self, report_data: &ReportData) -> Result<Evidence, AttesterError> {
        if ct_eq(report_data.as_bytes(), &[0; 64]) {
            return Err(AttesterError::EmptyReportData(*report_data));
        }
        Ok(Evidence {
            kind: TeeKind::Sgx,
            bytes: self.quote(report_data)?,
        })
    }

    /// From the enclave's measurement (MRENCLAVE), by the processor.
    fn sealing_key(&self, label: &str) -> Result<SecretArray<32>, AttesterError> {
        let path = self.directory.join("keys/_sgx_mrenclave");
        let mut read = Ok(());
        let key = SecretArray::<SEAL_KEY_BYTES>::fill_with(|key| {
            read = fs::File::open(&path).and_then(|mut file| file.read_exact(key));
        });
        read.map_err(|why| failed("read", path, why))?;
        let salt = b"adyton/gramine-mrenclave-key/v1";
        Ok(hkdf_sha256(key.expose(), salt, &[label.as_bytes()]))
    }
}
