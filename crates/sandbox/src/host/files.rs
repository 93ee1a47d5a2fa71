use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use adyton_types::Name;

use super::bindings::wasi::filesystem::types::ErrorCode;
use super::errors::FsError;
use crate::guest::{InputFile, OutputFile};
use crate::outcome::{FileFailure, FinishedOutput};

/// The most bytes of one read or one write: a chunk of an age file (C2SP age, payload), so that a
/// larger buffer would save nothing.
pub(crate) const MAX_TRANSFER_BYTES: u64 = 64 * 1024;

/// The files of one run.
pub(crate) struct Files {
    pub(crate) inputs: Vec<OpenInput>,
    pub(crate) outputs: Vec<OpenOutput>,
}

/// An input and where its reader stands.
pub(crate) struct OpenInput {
    file: InputFile,
    /// The reader's position, if known.
    position: Option<u64>,
}

/// An output and how much it has got.
pub(crate) struct OpenOutput {
    file: OutputFile,
    created: bool,
    written: u64,
    limit_hit: bool,
}

impl Files {
    pub(crate) fn new(inputs: Vec<InputFile>, outputs: Vec<OutputFile>) -> Self {
        Self {
            inputs: inputs.into_iter().map(OpenInput::new).collect(),
            outputs: outputs.into_iter().map(OpenOutput::new).collect(),
        }
    }

    /// The index of the output of that name.
    pub(crate) fn output(&self, name: &Name) -> Option<usize> {
        self.outputs.iter().position(|o| o.file.name == *name)
    }

    /// What is left when the run is over.
    pub(crate) fn finish(self) -> Vec<FinishedOutput> {
        let finish = |output: OpenOutput| FinishedOutput {
            name: output.file.name,
            created: output.created,
            written: output.written,
            limit_hit: output.limit_hit,
            sink: output.file.sink,
        };
        self.outputs.into_iter().map(finish).collect()
    }
}

impl OpenInput {
    fn new(file: InputFile) -> Self {
        Self {
            file,
            position: None,
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.file.name.as_str()
    }

    pub(crate) fn size(&self) -> u64 {
        self.file.size
    }

    /// At most `length` bytes from `offset`; none only at the end.
    pub(crate) fn read(&mut self, offset: u64, length: u64) -> Result<Vec<u8>, FileFailure> {
        let left = self.file.size.saturating_sub(offset);
        let length = length.min(left).min(MAX_TRANSFER_BYTES);
        let length = usize::try_from(length).expect("at most `MAX_TRANSFER_BYTES`");
        if length == 0 {
            return Ok(Vec::new());
        }
        self.read_some(offset, length)
            .map_err(|source| FileFailure {
                path: format!("/in/{}", self.file.name),
                source,
            })
    }

    fn read_some(&mut self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        if self.position.take() != Some(offset) {
            self.file.data.seek(SeekFrom::Start(offset))?;
        }
        let mut bytes = vec![0; length];
        let count = loop {
            match self.file.data.read(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.truncate(count);
        self.position = Some(offset.saturating_add(count as u64));
        Ok(bytes)
    }
}

impl OpenOutput {
    fn new(file: OutputFile) -> Self {
        Self {
            file,
            created: false,
            written: 0,
            limit_hit: false,
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.file.name.as_str()
    }

    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    pub(crate) fn is_created(&self) -> bool {
        self.created
    }

    pub(crate) fn create(&mut self) {
        self.created = true;
    }

    /// Appends. `position`, if given, must be the end: what is sealed cannot be taken back.
    pub(crate) fn write(&mut self, bytes: &[u8], position: Option<u64>) -> Result<(), FsError> {
        if position.is_some_and(|position| position != self.written) {
            return Err(ErrorCode::InvalidSeek.into());
        }
        let end = self.written.saturating_add(bytes.len() as u64);
        if end > self.file.max_bytes {
            self.limit_hit = true;
            return Err(ErrorCode::InsufficientSpace.into());
        }
        self.file
            .sink
            .write_all(bytes)
            .map_err(|source| FileFailure {
                path: format!("/out/{}", self.file.name),
                source,
            })?;
        self.written = end;
        Ok(())
    }
}
