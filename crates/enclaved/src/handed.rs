use std::fs::File;
use std::os::fd::{AsRawFd as _, OwnedFd, RawFd};

use adyton_hatch::{Hatch, InputFile, Start, ToEnclave};
use adyton_types::{Name, TeeKind, UnixTime};

use crate::error::EnclaveError;

/// What the runner handed in: descriptors by the names that it claims for them. The platform key's
/// and the code caches' are taken and closed before the enclave is locked down: what stays open is
/// what a program that broke out of its sandbox would have.
pub(crate) struct Handed {
    pub(crate) bundle: File,
    pub(crate) platform_key: Option<File>,
    pub(crate) inputs: Vec<(InputFile, File)>,
    pub(crate) outputs: Vec<(Name, File)>,
    pub(crate) cache_read: Option<File>,
    pub(crate) cache_write: Option<File>,
    pub(crate) tee: TeeKind,
    pub(crate) host_time: UnixTime,
}

impl Handed {
    /// Receives the first message.
    pub(crate) fn receive(hatch: &Hatch) -> Result<Self, EnclaveError> {
        let (frame, descriptors) = hatch.receive_with()?;
        match ToEnclave::decode(&frame)? {
            ToEnclave::Start(start) => Self::assign(start, descriptors),
            other => Err(EnclaveError::out_of_turn("start", other.name())),
        }
    }

    fn assign(start: Start, descriptors: Vec<OwnedFd>) -> Result<Self, EnclaveError> {
        let caches = usize::from(start.cache_read) + usize::from(start.cache_write);
        let expected = 2 + start.inputs.len() + start.outputs.len() + caches;
        let wrong = EnclaveError::Descriptors {
            expected,
            found: descriptors.len(),
        };
        if descriptors.len() != expected {
            return Err(wrong);
        }
        let mut files = descriptors.into_iter().map(File::from);
        let mut next = || {
            files
                .next()
                .ok_or(EnclaveError::Descriptors { expected, found: 0 })
        };
        let (bundle, platform_key) = (next()?, next()?);
        let inputs = start.inputs.into_iter().map(|input| Ok((input, next()?)));
        let inputs = inputs.collect::<Result<_, EnclaveError>>()?;
        let outputs = start.outputs.into_iter().map(|name| Ok((name, next()?)));
        let outputs = outputs.collect::<Result<_, EnclaveError>>()?;
        Ok(Self {
            bundle,
            platform_key: Some(platform_key),
            inputs,
            outputs,
            cache_read: start.cache_read.then(&mut next).transpose()?,
            cache_write: start.cache_write.then(&mut next).transpose()?,
            tee: start.tee,
            host_time: start.host_time,
        })
    }

    /// Every descriptor that the run needs; all others are closed.
    pub(crate) fn descriptors(&self) -> Vec<RawFd> {
        let inputs = self.inputs.iter().map(|(_, file)| file);
        let outputs = self.outputs.iter().map(|(_, file)| file);
        std::iter::once(&self.bundle)
            .chain(&self.platform_key)
            .chain(inputs)
            .chain(outputs)
            .chain(&self.cache_read)
            .chain(&self.cache_write)
            .map(|file| file.as_raw_fd())
            .collect()
    }
}
