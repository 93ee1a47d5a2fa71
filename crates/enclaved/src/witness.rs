use std::fs::File;

use adyton_attester::{Attester as _, SoftwareAttester, measure};
use adyton_hatch::{FromEnclave, Hatch, ToEnclave};
use adyton_tee_software::PlatformKey;
use adyton_types::{Evidence, Protections, ReportData, TeeKind};

use crate::error::EnclaveError;

/// What vouches for the run.
pub(crate) struct Witness<'a>(Of<'a>);

enum Of<'a> {
    /// This process. Made when it is first needed: it takes the digest of the whole executable.
    Key {
        executable: File,
        key: PlatformKey,
        protections: Protections,
    },
    Software(SoftwareAttester),
    /// The machine that it runs on, which the runner asks: its device is out of an enclave's reach.
    /// Evidence over other report data, or of another machine, is refused by whoever verifies it.
    Machine {
        kind: TeeKind,
        hatch: &'a Hatch,
    },
    /// An error on the way from one to the other.
    Nothing,
}

impl<'a> Witness<'a> {
    pub(crate) const fn software(
        executable: File,
        key: PlatformKey,
        protections: Protections,
    ) -> Self {
        Self(Of::Key {
            executable,
            key,
            protections,
        })
    }

    pub(crate) const fn of_the_machine(kind: TeeKind, hatch: &'a Hatch) -> Self {
        Self(Of::Machine { kind, hatch })
    }

    /// Does what takes long: reading the whole executable takes longer than all else of a start. The
    /// runner connects to the brokers meanwhile, and a run that asks nobody does it for its receipt
    /// only.
    pub(crate) fn prepare(&mut self) -> Result<(), EnclaveError> {
        self.0 = match std::mem::replace(&mut self.0, Of::Nothing) {
            Of::Key {
                executable,
                key,
                protections,
            } => {
                let digest = measure(&executable).map_err(EnclaveError::Read)?;
                Of::Software(SoftwareAttester::new(key, digest, protections))
            }
            other => other,
        };
        Ok(())
    }

    /// Evidence over the digest of a binding.
    pub(crate) fn evidence(&mut self, data: &ReportData) -> Result<Evidence, EnclaveError> {
        self.prepare()?;
        match &self.0 {
            Of::Software(attester) => Ok(attester.evidence(data)?),
            Of::Machine { kind, hatch } => {
                hatch.send(&FromEnclave::Attest(*data).encode())?;
                match ToEnclave::decode(&hatch.receive()?)? {
                    ToEnclave::Evidence(bytes) => Ok(Evidence { kind: *kind, bytes }),
                    other => Err(EnclaveError::out_of_turn("evidence", other.name())),
                }
            }
            Of::Key { .. } | Of::Nothing => Err(EnclaveError::out_of_turn("evidence", "nothing")),
        }
    }
}
