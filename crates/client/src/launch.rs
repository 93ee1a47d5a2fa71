use std::os::fd::BorrowedFd;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use adyton_hatch::{FromEnclave, Hatch, HatchError, ToEnclave};

use crate::RunError;

/// The argument by which an `adyton` process becomes an enclave. It is no command for people.
pub const ENCLAVE_ARGUMENT: &str = "enclave";

/// A running enclave: its guardian process, and the connection to it. Dropping it ends both.
#[derive(Debug)]
pub(crate) struct Enclave {
    guardian: Child,
    hatch: Hatch,
}

impl Enclave {
    /// Starts the `adyton` executable at `program` as an enclave. It inherits one descriptor, its
    /// end of the connection, and no environment.
    pub(crate) fn spawn(program: &Path) -> Result<Self, RunError> {
        let (ours, theirs) = Hatch::pair()?;
        let guardian = Command::new(program)
            .arg0("adyton")
            .arg(ENCLAVE_ARGUMENT)
            .env_clear()
            .stdin(Stdio::from(theirs.into_fd()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| RunError::Spawn {
                program: program.to_owned(),
                source,
            })?;
        Ok(Self {
            guardian,
            hatch: ours,
        })
    }

    /// The guardian's process id.
    pub(crate) fn guardian(&self) -> u32 {
        self.guardian.id()
    }

    pub(crate) fn start(
        &self,
        message: &ToEnclave,
        descriptors: &[BorrowedFd<'_>],
    ) -> Result<(), RunError> {
        Ok(self.hatch.send_with(&message.encode(), descriptors)?)
    }

    pub(crate) fn send(&self, message: &ToEnclave) -> Result<(), RunError> {
        Ok(self.hatch.send(&message.encode())?)
    }

    /// Waits for the enclave's next message. A run that was cancelled is an error here.
    pub(crate) fn next(&mut self) -> Result<FromEnclave, RunError> {
        let frame = match self.hatch.receive() {
            Ok(frame) => frame,
            Err(HatchError::Closed) => return Err(self.died()),
            Err(other) => return Err(other.into()),
        };
        match FromEnclave::decode(&frame)? {
            FromEnclave::Failed(failed) => Err(RunError::Cancelled {
                class: failed.class,
                message: failed.message,
            }),
            message => Ok(message),
        }
    }

    /// Gives the enclave this long to say the next thing.
    pub(crate) fn allow(&self, time: Duration) -> Result<(), RunError> {
        Ok(self.hatch.receive_within(time)?)
    }

    fn died(&mut self) -> RunError {
        match self.guardian.wait() {
            Ok(status) => RunError::Died {
                status: status.to_string(),
            },
            Err(error) => RunError::Died {
                status: error.to_string(),
            },
        }
    }
}

impl Drop for Enclave {
    fn drop(&mut self) {
        // The guardian takes the enclave with it. A failure means that it has ended already.
        let _ = self.guardian.kill();
        let _ = self.guardian.wait();
    }
}
