use std::fmt;
use std::io::{self, Write};

use adyton_crypto::CryptoRng;
use zeroize::Zeroizing;

use crate::chunk::{CHUNK, PayloadKey, SEALED_CHUNK};
use crate::header::Header;
use crate::{Recipients, SealError};

/// Seals what is written to it, chunk by chunk, in one buffer of 64 KiB.
///
/// A file is whole only after [`finish`](Self::finish): what was cut off before never opens.
pub struct SealWriter<W> {
    inner: W,
    key: PayloadKey,
    index: u64,
    /// A chunk and room for its tag.
    buffer: Zeroizing<Vec<u8>>,
    filled: usize,
}

impl<W: Write> SealWriter<W> {
    /// Writes the header of a new file. X25519 stanzas and the file key draw on the operating
    /// system's generator inside the `age` crate; `rng` serves the hybrid ones.
    ///
    /// # Errors
    /// If a recipient's key takes nothing, or the header cannot be written.
    pub fn new(
        mut inner: W,
        recipients: &Recipients,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, SealError> {
        let (header, key) = Header::make(recipients, rng)?;
        inner
            .write_all(header.as_bytes())
            .map_err(SealError::Write)?;
        Ok(Self {
            inner,
            key,
            index: 0,
            buffer: Zeroizing::new(vec![0; SEALED_CHUNK]),
            filled: 0,
        })
    }

    /// Writes the last chunk, and gives the inner writer back.
    ///
    /// # Errors
    /// If the inner writer fails; the file is then not whole.
    pub fn finish(mut self) -> io::Result<W> {
        self.put(true)?;
        self.inner.flush()?;
        Ok(self.inner)
    }

    /// Encrypts what the buffer holds as the next chunk, and writes it.
    fn put(&mut self, last: bool) -> io::Result<()> {
        let (chunk, rest) = self.buffer.split_at_mut(self.filled);
        let tag = self.key.seal(self.index, last, chunk);
        rest[..tag.len()].copy_from_slice(&tag);
        let sealed = self.filled + tag.len();
        self.index += 1;
        self.filled = 0;
        self.inner.write_all(&self.buffer[..sealed])
    }
}

impl<W: Write> Write for SealWriter<W> {
    /// Takes all bytes, always. After an error the file is lost: the same chunk is never
    /// encrypted twice.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut left = bytes;
        while !left.is_empty() {
            // Only now is it known that the full chunk in the buffer is not the last one.
            if self.filled == CHUNK {
                self.put(false)?;
            }
            let taken = left.len().min(CHUNK - self.filled);
            let (now, later) = left.split_at(taken);
            self.buffer[self.filled..self.filled + taken].copy_from_slice(now);
            self.filled += taken;
            left = later;
        }
        Ok(bytes.len())
    }

    /// Flushes the inner writer. What does not fill a chunk stays here until
    /// [`finish`](Self::finish).
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W> fmt::Debug for SealWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealWriter(chunk {})", self.index)
    }
}
