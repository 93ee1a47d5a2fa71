use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use adyton_hatch::{Hatch, HatchError};
use adyton_protocol::ErrorBody;
use adyton_types::ErrorClass;

use crate::error::LookupdError;
use crate::frame::{READY, parse_tell};
use crate::process::ENCLAVE_ARGUMENT;
use crate::start::Start;

/// The enclave's process, seen from its front. Dropping it ends it, and the table with it.
#[derive(Debug)]
pub(crate) struct Enclave(Child);

impl Enclave {
    /// Starts the `adyton` executable at `program` as an enclave, and waits until it is ready. The
    /// calling thread has to live on: the enclave ends with it.
    pub(crate) fn start(
        program: &Path,
        platform_key: Option<&File>,
        start: &Start,
    ) -> Result<(Self, Hatch), LookupdError> {
        let (ours, theirs) = Hatch::pair()?;
        let guardian = Command::new(program)
            .arg0("adyton")
            .arg(ENCLAVE_ARGUMENT)
            .env_clear()
            .stdin(Stdio::from(theirs.into_fd()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| LookupdError::Spawn {
                program: program.to_owned(),
                source,
            })?;
        let mut enclave = Self(guardian);
        let descriptors: Vec<_> = platform_key.into_iter().map(AsFd::as_fd).collect();
        ours.send_with(&start.encode(), &descriptors)?;
        let frame = match ours.receive() {
            Ok(frame) => frame,
            Err(HatchError::Closed) => return Err(enclave.died()),
            Err(error) => return Err(error.into()),
        };
        match parse_tell(&frame) {
            Some((READY, 200, _)) => Ok((enclave, ours)),
            Some((_, _, body)) => Err(refused(body)),
            None => Err(LookupdError::OtherVersion),
        }
    }

    /// The process id of the guardian.
    pub(crate) fn guardian(&self) -> u32 {
        self.0.id()
    }

    /// How it ended.
    pub(crate) fn died(&mut self) -> LookupdError {
        let status = match self.0.wait() {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        LookupdError::Died { status }
    }
}

fn refused(body: &[u8]) -> LookupdError {
    match ErrorBody::parse(body) {
        Ok(ErrorBody { class, error }) => LookupdError::Refused {
            class,
            message: error,
        },
        Err(_) => LookupdError::Refused {
            class: ErrorClass::Unavailable,
            message: "it does not say why".to_owned(),
        },
    }
}

impl Drop for Enclave {
    fn drop(&mut self) {
        // The guardian takes the enclave with it. A failure means that it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
