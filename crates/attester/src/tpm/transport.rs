use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

/// The longest answer: a PC Client TPM has buffers of 4096 bytes (PC Client Platform TPM Profile
/// 1.05, section 5.3).
pub(super) const MAX_ANSWER: usize = 4096;
const HEADER: usize = 10;

/// Carries a command to a TPM and its answer back.
pub trait TpmTransport: fmt::Debug + Send {
    /// Sends one command and reads its answer, whole.
    ///
    /// # Errors
    /// Those of the device; an answer longer than 4096 bytes, or shorter than it says.
    fn transact(&mut self, command: &[u8]) -> io::Result<Vec<u8>>;
}

/// A device node, `/dev/tpmrm0`: each write is a command, the next read its answer. The kernel's
/// resource manager behind it keeps one process's keys from another's.
#[derive(Debug)]
pub struct DeviceTransport(File);

impl DeviceTransport {
    /// Opens the node.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Self(file))
    }
}

impl TpmTransport for DeviceTransport {
    fn transact(&mut self, command: &[u8]) -> io::Result<Vec<u8>> {
        self.0.write_all(command)?;
        let mut answer = vec![0; MAX_ANSWER];
        let len = self.0.read(&mut answer)?;
        answer.truncate(len);
        Ok(answer)
    }
}

/// A stream of commands and answers without framing of its own, as `swtpm socket --server` has on
/// a Unix or TCP socket.
#[derive(Debug)]
pub struct StreamTransport<S>(S);

impl<S> StreamTransport<S> {
    /// Over a connected stream.
    pub const fn new(stream: S) -> Self {
        Self(stream)
    }
}

impl<S: Read + Write + Send + fmt::Debug> TpmTransport for StreamTransport<S> {
    fn transact(&mut self, command: &[u8]) -> io::Result<Vec<u8>> {
        self.0.write_all(command)?;
        let mut answer = vec![0; HEADER];
        self.0.read_exact(&mut answer)?;
        let size = answer.get(2..6).and_then(|size| size.try_into().ok());
        let size = usize::try_from(size.map_or(0, u32::from_be_bytes)).unwrap_or(usize::MAX);
        if !(HEADER..=MAX_ANSWER).contains(&size) {
            return Err(io::Error::from(io::ErrorKind::InvalidData));
        }
        answer.resize(size, 0);
        self.0
            .read_exact(answer.get_mut(HEADER..).unwrap_or_default())?;
        Ok(answer)
    }
}
