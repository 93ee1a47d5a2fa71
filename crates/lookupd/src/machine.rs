use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use adyton_attester::{Attester, AttesterError, TeeSource};
use adyton_lookup::{Welcome, WireFault};
use adyton_types::ReportData;
use thiserror::Error;

/// The machine's own TEE, which vouches for the service where the software TEE does not. It makes
/// one piece of Evidence after the other.
#[derive(Clone)]
pub(crate) struct Machine(Arc<Mutex<Box<dyn Attester + Send>>>);

/// Why a welcome got no Evidence.
#[derive(Debug, Error)]
pub(crate) enum NoEvidence {
    #[error("the enclave asks for Evidence in a form that is not known")]
    Form,
    #[error("the enclave's welcome: {0}")]
    Welcome(#[from] WireFault),
    #[error(transparent)]
    Attester(#[from] AttesterError),
}

impl Machine {
    pub(crate) fn open(source: &TeeSource) -> Result<Self, AttesterError> {
        Ok(Self(Arc::new(Mutex::new(source.open(Path::new("/"))?))))
    }

    /// Puts Evidence into a welcome that has none, as the enclave hands it out: report data first.
    /// May take as long as a TPM does.
    pub(crate) fn complete(&self, body: &[u8]) -> Result<Vec<u8>, NoEvidence> {
        let (data, welcome) = body.split_first_chunk().ok_or(NoEvidence::Form)?;
        let mut welcome = Welcome::parse(welcome)?;
        let attester = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        welcome.evidence = attester.evidence(&ReportData::new(*data))?;
        Ok(welcome.encode())
    }
}
