use std::path::Path;

use adyton_attester::{Attester, TeeSource};
use adyton_hatch::{FromEnclave, ToEnclave};
use adyton_types::TeeKind;

use crate::RunError;
use crate::launch::Enclave;

/// The machine's own TEE, which vouches for the run where the software TEE does not.
pub(crate) struct Machine(Option<Box<dyn Attester + Send>>);

impl Machine {
    /// Opens it, before anything else is done.
    pub(crate) fn open(source: Option<&TeeSource>) -> Result<Self, RunError> {
        let opened = source.map(|source| source.open(Path::new("/")));
        Ok(Self(opened.transpose().map_err(RunError::Attester)?))
    }

    /// The kind of TEE that vouches for the run.
    pub(crate) fn kind(&self) -> TeeKind {
        let kind = self.0.as_ref().map(|attester| attester.kind());
        kind.unwrap_or(TeeKind::Software)
    }

    /// The enclave's next message that is none about Evidence: for that, the TEE is asked.
    pub(crate) fn next(&self, enclave: &mut Enclave) -> Result<FromEnclave, RunError> {
        loop {
            match (enclave.next()?, &self.0) {
                (FromEnclave::Attest(data), Some(attester)) => {
                    let evidence = attester.evidence(&data).map_err(RunError::Attester)?;
                    enclave.send(&ToEnclave::Evidence(evidence.bytes))?;
                }
                (message, _) => return Ok(message),
            }
        }
    }
}
