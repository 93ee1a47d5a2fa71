use std::any::Any;
use std::fs::File;
use std::io::{self, Write};

use adyton_crypto::os_rng;
use adyton_sandbox::{FinishedOutput, OutputFile};
use adyton_sealing::{DigestWriter, Recipients, SealError, SealWriter};
use adyton_types::{Name, Sha256Digest};

use crate::error::EnclaveError;

/// Seals what the guest writes, and takes the digest of the sealed file along.
struct Sink(SealWriter<DigestWriter<File>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A sealed output, whole.
pub(crate) struct SealedOutput {
    pub(crate) name: Name,
    pub(crate) digest: Sha256Digest,
    /// Bytes of the sealed file.
    pub(crate) size: u64,
    /// Bytes that the program wrote.
    pub(crate) plaintext_size: u64,
}

/// An output of the guest that is sealed to its recipients as it is written.
pub(crate) fn sealing_output(
    name: Name,
    max_bytes: u64,
    recipients: &Recipients,
    file: File,
) -> Result<OutputFile, EnclaveError> {
    let fail = |error| match error {
        SealError::Write(error) => unwritable(&name, &error),
        source => EnclaveError::Seal {
            output: name.clone(),
            source,
        },
    };
    let sink = SealWriter::new(DigestWriter::new(file), recipients, &mut os_rng()).map_err(fail)?;
    Ok(OutputFile {
        name,
        max_bytes,
        sink: Box::new(Sink(sink)),
    })
}

/// Seals an output's last chunk.
pub(crate) fn finish(output: FinishedOutput) -> Result<SealedOutput, EnclaveError> {
    let (name, plaintext_size) = (output.name, output.written);
    let sink: Box<dyn Any> = output.sink;
    let sink = sink
        .downcast::<Sink>()
        .expect("every output's sink was made by `sealing_output`");
    let (_, digest, size) = sink
        .0
        .finish()
        .map_err(|error| unwritable(&name, &error))?
        .finish();
    Ok(SealedOutput {
        name,
        digest,
        size,
        plaintext_size,
    })
}

/// What to tell about an output that could not be written.
pub(crate) fn unwritable(output: &Name, error: &io::Error) -> EnclaveError {
    let reason = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full; make room and run it again".to_owned()
        }
        _ => error.to_string(),
    };
    EnclaveError::Output {
        output: output.clone(),
        reason,
    }
}
