use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use adyton_crypto::{SecretArray, ct_eq};
use adyton_tee_tcg_tpm::{PcrSelection, TpmEvidence, TpmPublic};
use adyton_types::{Evidence, ReportData, TeeKind};

use super::{LoadedKey, Tpm, TpmDriverError};
use crate::{Attester, AttesterError};

/// What of the report data goes into `qualifyingData` (`specs/binding.md`).
const NONCE_BYTES: usize = 32;

/// A TPM whose Attestation Key quotes PCRs.
#[derive(Debug)]
pub struct TpmAttester {
    tpm: Mutex<Tpm>,
    ak: LoadedKey,
    selection: PcrSelection,
    chain: Vec<Vec<u8>>,
    log: Option<Vec<u8>>,
}

impl TpmAttester {
    /// Loads the Attestation Key of a TPM, to quote the PCRs of `selection`.
    ///
    /// # Errors
    /// [`TpmDriverError`].
    pub fn new(mut tpm: Tpm, selection: PcrSelection) -> Result<Self, TpmDriverError> {
        let ak = tpm.attestation_key()?;
        Ok(Self {
            tpm: Mutex::new(tpm),
            ak,
            selection,
            chain: Vec::new(),
            log: None,
        })
    }

    /// Sends the certificate of the Attestation Key with its Evidence (DER, leaf first).
    #[must_use]
    pub fn with_chain(mut self, chain: Vec<Vec<u8>>) -> Self {
        self.chain = chain;
        self
    }

    /// Sends the firmware's event log with its Evidence.
    #[must_use]
    pub fn with_log(mut self, log: Vec<u8>) -> Self {
        self.log = Some(log);
        self
    }

    /// The Attestation Key's public area, for enrolment.
    #[must_use]
    pub const fn ak(&self) -> &TpmPublic {
        self.ak.public()
    }

    /// A quote for `nonce`, with everything that a Verifier needs.
    ///
    /// # Errors
    /// [`TpmDriverError`].
    pub fn quote(&self, nonce: &[u8]) -> Result<TpmEvidence, TpmDriverError> {
        let mut tpm = self.tpm()?;
        // Read first: a PCR that is extended in between makes the Evidence wrong, never false.
        let pcrs = tpm.read_pcrs(self.selection)?;
        let (quote, signature) = tpm.quote(&self.ak, nonce, self.selection)?;
        Ok(TpmEvidence {
            quote,
            signature,
            pcrs,
            ak: self.ak.public().bytes().to_vec(),
            chain: self.chain.clone(),
            log: self.log.clone(),
        })
    }

    fn tpm(&self) -> Result<MutexGuard<'_, Tpm>, TpmDriverError> {
        self.tpm.lock().map_err(|_| TpmDriverError::Poisoned)
    }
}

impl Drop for TpmAttester {
    fn drop(&mut self) {
        // A TPM without a resource manager would keep the key; there is nobody to tell of a failure.
        if let Ok(tpm) = self.tpm.get_mut() {
            drop(tpm.flush(&self.ak));
        }
    }
}

impl Attester for TpmAttester {
    fn kind(&self) -> TeeKind {
        TeeKind::Tpm
    }

    fn evidence(&self, report_data: &ReportData) -> Result<Evidence, AttesterError> {
        let (nonce, _) = report_data.as_bytes().split_at(NONCE_BYTES);
        if ct_eq(report_data.as_bytes(), &[0; 64]) {
            return Err(AttesterError::EmptyReportData(*report_data));
        }
        Ok(Evidence {
            kind: TeeKind::Tpm,
            bytes: self.quote(nonce)?.encode(),
        })
    }

    fn sealing_key(&self, label: &str) -> Result<SecretArray<32>, AttesterError> {
        Ok(self.tpm()?.sealing_key(self.selection, label)?)
    }
}

/// The firmware's event log as the kernel shows it under `root`, which is `/` except in tests;
/// `None` where there is none.
///
/// # Errors
/// Those of the operating system.
pub fn read_event_log(root: &Path) -> io::Result<Option<Vec<u8>>> {
    let log = root.join("sys/kernel/security/tpm0/binary_bios_measurements");
    match fs::read(log) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}
