use std::fmt;
use std::io::{self, Write};

use adyton_crypto::Sha256;
use adyton_types::Sha256Digest;

/// A writer that takes the SHA-256 and the length of all that passes, for receipts: put it between
/// a [`SealWriter`](crate::SealWriter) and the file, and it has what `sha256sum` says of the file.
pub struct DigestWriter<W> {
    inner: W,
    hash: Sha256,
    written: u64,
}

impl<W: Write> DigestWriter<W> {
    /// Around a writer to which nothing was written yet.
    pub fn new(inner: W) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            written: 0,
        }
    }

    /// How many bytes have passed.
    pub const fn written(&self) -> u64 {
        self.written
    }

    /// The writer, the digest of all that it was given, and how many bytes that was.
    pub fn finish(self) -> (W, Sha256Digest, u64) {
        let digest = Sha256Digest::new(self.hash.finish());
        (self.inner, digest, self.written)
    }
}

impl<W: Write> Write for DigestWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W> fmt::Debug for DigestWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DigestWriter({} bytes)", self.written)
    }
}
