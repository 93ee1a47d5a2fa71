use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use adyton_crypto::os_rng;
use adyton_hatch::InputFile;
use adyton_protocol::InputRecord;
use adyton_sandbox::InputFile as GuestInput;
use adyton_sealing::OpenReader;
use adyton_types::Name;

use crate::error::EnclaveError;
use crate::keys::{Key, position};

/// A sealed input that the guest reads from, and that afterwards tells its digest.
#[derive(Clone)]
struct Shared(Rc<RefCell<OpenReader<File>>>);

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buffer)
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.borrow_mut().seek(to)
    }
}

/// An input of this run, by the name in the manifest.
pub(crate) struct OpenedInput {
    name: Name,
    release: u64,
    reader: Shared,
}

/// Opens every input with its key.
pub(crate) fn open_inputs(
    handed: Vec<(InputFile, File)>,
    keys: &[Key],
) -> Result<(Vec<OpenedInput>, Vec<GuestInput>), EnclaveError> {
    let mut opened = Vec::with_capacity(handed.len());
    let mut guest = Vec::with_capacity(handed.len());
    for (input, file) in handed {
        let key = position(keys, &input).expect("every input's secret was asked for and released");
        let fail = |source| EnclaveError::Input {
            input: input.name.clone(),
            source,
        };
        let reader = OpenReader::open(file, &keys[key].identity)
            .map_err(fail)?
            .with_digest(&mut os_rng());
        let size = reader.size();
        let reader = Shared(Rc::new(RefCell::new(reader)));
        guest.push(GuestInput {
            name: input.name.clone(),
            size,
            data: Box::new(reader.clone()),
        });
        opened.push(OpenedInput {
            name: input.name,
            release: key as u64,
            reader,
        });
    }
    Ok((opened, guest))
}

impl OpenedInput {
    /// What the receipt says of the input. Reads what the guest has not, so that the digest is of
    /// the whole sealed file.
    pub(crate) fn record(self) -> Result<InputRecord, EnclaveError> {
        let mut reader = self.reader.0.borrow_mut();
        let fail = |source| EnclaveError::Input {
            input: self.name.clone(),
            source,
        };
        Ok(InputRecord {
            sha256: reader.sealed_digest().map_err(fail)?,
            size: reader.sealed_size(),
            name: self.name,
            release: self.release,
        })
    }
}
