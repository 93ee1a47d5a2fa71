use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

use adyton_crypto::{CryptoRng, Sha256};
use adyton_types::Sha256Digest;
use zeroize::Zeroizing;

use crate::chunk::{CHUNK, PayloadKey, SEALED_CHUNK, TAG};
use crate::header::Header;
use crate::seen::SeenChunks;
use crate::{Identity, OpenError};

/// The plaintext of a sealed file, to read from anywhere, in one buffer of 64 KiB.
///
/// Whoever holds the file may change it at any time: every chunk is authenticated under the key
/// that the header gave when it was opened, for its own place, each time it is read. The header
/// itself is never read again. The last chunk is authenticated at once, so that the
/// [`size`](Self::size) is the owner's word and not the holder's.
pub struct OpenReader<R> {
    inner: R,
    header: Header,
    key: PayloadKey,
    /// Where the first chunk is in `inner`.
    start: u64,
    size: u64,
    chunks: u64,
    position: u64,
    buffer: Zeroizing<Vec<u8>>,
    /// Which chunk's plaintext the buffer holds, and how much of it.
    held: Option<(u64, usize)>,
    digest: Option<Running>,
}

/// The digest of the sealed bytes as far as they were read in order.
struct Running {
    hash: Sha256,
    next: u64,
    /// What was read in any order: what goes into the digest must be just that.
    seen: Option<SeenChunks>,
}

impl<R: Read + Seek> OpenReader<R> {
    /// Opens a file that begins at the reader's position and ends where it ends.
    ///
    /// # Errors
    /// If it is no sealed file, is not for this identity, or was altered or cut off as far as the
    /// header and the last chunk tell.
    pub fn open(mut inner: R, identity: &Identity) -> Result<Self, OpenError> {
        let begin = inner.stream_position().map_err(OpenError::Read)?;
        let (header, _) = Header::read(&mut inner)?;
        let key = header.open(identity)?;
        let start = begin + header.as_bytes().len() as u64;
        let end = inner.seek(SeekFrom::End(0)).map_err(OpenError::Read)?;

        let sealed = end.saturating_sub(start);
        let chunks = sealed.div_ceil(SEALED_CHUNK as u64);
        let last = sealed.saturating_sub(chunks.saturating_sub(1) * SEALED_CHUNK as u64);
        // The last chunk may be empty only in an empty file.
        if last < TAG as u64 || (last == TAG as u64 && chunks > 1) {
            return Err(OpenError::Truncated);
        }
        let mut reader = Self {
            inner,
            header,
            key,
            start,
            size: sealed - chunks * TAG as u64,
            chunks,
            position: 0,
            buffer: Zeroizing::new(vec![0; SEALED_CHUNK]),
            held: None,
            digest: None,
        };
        reader.load(chunks - 1)?;
        Ok(reader)
    }

    /// Takes the digest of the sealed bytes along while they are read in order, so that
    /// [`sealed_digest`](Self::sealed_digest) has only the rest to do. From here on a chunk that
    /// is read again must be the same as before, even if another one is authentic too: whoever
    /// made the file, or may open it, can make any number of those. `rng` is for a key by which
    /// chunks are remembered, some 40 bytes each.
    #[must_use]
    pub fn with_digest(mut self, rng: &mut impl CryptoRng) -> Self {
        self.digest = Some(self.begin_digest(Some(SeenChunks::new(rng))));
        self.held = None;
        self
    }

    /// The SHA-256 of the sealed file, for receipts. Every chunk in it was authenticated. After
    /// [`with_digest`](Self::with_digest) these are the very bytes that [`Read`] has opened,
    /// whatever anybody does with the file meanwhile; without it, only the holder of the file is
    /// kept from exchanging them, not the one who sealed it.
    ///
    /// # Errors
    /// If a chunk is not authentic, or cannot be read.
    pub fn sealed_digest(&mut self) -> Result<Sha256Digest, OpenError> {
        let next = match &self.digest {
            Some(running) => running.next,
            None => {
                self.digest = Some(self.begin_digest(None));
                0
            }
        };
        for index in next..self.chunks {
            self.load(index)?;
        }
        let running = self.digest.as_ref().map(|running| running.hash.clone());
        Ok(Sha256Digest::new(running.unwrap_or_default().finish()))
    }

    fn begin_digest(&self, seen: Option<SeenChunks>) -> Running {
        let mut hash = Sha256::new();
        hash.update(self.header.as_bytes());
        Running {
            hash,
            next: 0,
            seen,
        }
    }

    /// Reads, authenticates and decrypts a chunk into the buffer.
    fn load(&mut self, index: u64) -> Result<usize, OpenError> {
        self.held = None;
        let last = index + 1 == self.chunks;
        let before = index * SEALED_CHUNK as u64;
        let sealed_size = self.sealed_size() - self.header.as_bytes().len() as u64;
        let sealed = usize::try_from(sealed_size - before)
            .unwrap_or(usize::MAX)
            .min(SEALED_CHUNK);
        self.inner
            .seek(SeekFrom::Start(self.start + before))
            .map_err(OpenError::Read)?;
        let buffer = &mut self.buffer[..sealed];
        self.inner.read_exact(buffer).map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                OpenError::Truncated
            } else {
                OpenError::Read(error)
            }
        })?;

        let now = self
            .digest
            .as_ref()
            .map(|running| running.with(index, buffer));
        let (chunk, tag) = buffer
            .split_last_chunk_mut::<TAG>()
            .ok_or(OpenError::Truncated)?;
        let authentic = self.key.open(index, last, chunk, *tag);
        let consistent = match (&mut self.digest, now) {
            (Some(running), Some(now)) if authentic => running.take(index, now),
            _ => true,
        };
        if !authentic || !consistent {
            return Err(OpenError::ChunkAltered { chunk: index });
        }
        let held = chunk.len();
        self.held = Some((index, held));
        Ok(held)
    }
}

impl Running {
    /// What a chunk makes of the digest, if it is the next one, and of what was seen.
    fn with(&self, index: u64, sealed: &[u8]) -> (Option<Sha256>, Option<[u8; TAG]>) {
        let hash = (self.next == index).then(|| {
            let mut hash = self.hash.clone();
            hash.update(sealed);
            hash
        });
        let seen = self.seen.as_ref();
        (hash, seen.map(|seen| seen.mark(index, sealed)))
    }

    /// Takes an authentic chunk in; says `false` if it was another one before.
    fn take(&mut self, index: u64, (hash, mark): (Option<Sha256>, Option<[u8; TAG]>)) -> bool {
        if let (Some(seen), Some(mark)) = (&mut self.seen, mark)
            && !seen.is_same(index, mark)
        {
            return false;
        }
        if let Some(hash) = hash {
            self.hash = hash;
            self.next += 1;
        }
        true
    }
}

impl<R> OpenReader<R> {
    /// Length of the plaintext in bytes.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Length of the sealed file in bytes.
    pub fn sealed_size(&self) -> u64 {
        self.header.as_bytes().len() as u64 + self.size + self.chunks * TAG as u64
    }

    /// The header under which everything here is authenticated.
    pub const fn header(&self) -> &Header {
        &self.header
    }
}

impl<R: Read + Seek> Read for OpenReader<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if bytes.is_empty() || self.position >= self.size {
            return Ok(0);
        }
        let index = self.position / CHUNK as u64;
        let held = match self.held {
            Some((held, len)) if held == index => len,
            _ => self.load(index)?,
        };
        let offset = usize::try_from(self.position % CHUNK as u64).unwrap_or(held);
        let available = self.buffer.get(offset..held).unwrap_or_default();
        let taken = available.len().min(bytes.len());
        bytes[..taken].copy_from_slice(&available[..taken]);
        self.position += taken as u64;
        Ok(taken)
    }
}

impl<R: Read + Seek> Seek for OpenReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "a position before the beginning",
            )
        })?;
        Ok(self.position)
    }
}

impl<R> fmt::Debug for OpenReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenReader({} of {} bytes)", self.position, self.size)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io::Cursor;
    use std::rc::Rc;

    use adyton_crypto::os_rng;

    use super::*;
    use crate::Recipients;

    /// Two authentic files with one header, as only those make them who know its file key.
    struct Twins {
        files: [Cursor<Vec<u8>>; 2],
        now: Rc<Cell<usize>>,
    }

    impl Twins {
        fn new(identity: &Identity, chunks: u64) -> (Self, Rc<Cell<usize>>) {
            let recipients = Recipients::new([identity.recipient()]).unwrap();
            let (header, key) = Header::make(&recipients, &mut os_rng()).unwrap();
            let file = |byte: u8| {
                let mut file = header.as_bytes().to_vec();
                for index in 0..chunks {
                    let mut chunk = vec![byte; CHUNK];
                    let tag = key.seal(index, index + 1 == chunks, &mut chunk);
                    file.extend_from_slice(&chunk);
                    file.extend_from_slice(&tag);
                }
                Cursor::new(file)
            };
            let now = Rc::new(Cell::new(0));
            let files = [file(b'a'), file(b'b')];
            let twins = Self {
                files,
                now: Rc::clone(&now),
            };
            (twins, now)
        }
    }

    impl Read for Twins {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            self.files[self.now.get()].read(bytes)
        }
    }

    impl Seek for Twins {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.files[self.now.get()].seek(to)
        }
    }

    fn byte_at(reader: &mut OpenReader<Twins>, chunk: u64) -> io::Result<u8> {
        let mut byte = [0];
        reader.seek(SeekFrom::Start(chunk * CHUNK as u64))?;
        reader.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    #[test]
    fn who_made_the_file_cannot_exchange_what_was_read_either() {
        let identity = Identity::generate(&mut os_rng());
        let (twins, now) = Twins::new(&identity, 3);
        let reader = OpenReader::open(twins, &identity).unwrap();
        let mut reader = reader.with_digest(&mut os_rng());
        assert_eq!(byte_at(&mut reader, 0).unwrap(), b'a');
        assert_eq!(byte_at(&mut reader, 2).unwrap(), b'a');

        // What has gone into the digest is not given out as something else,
        now.set(1);
        assert!(byte_at(&mut reader, 0).is_err());
        // and what was given out does not go into the digest as something else.
        assert_eq!(byte_at(&mut reader, 1).unwrap(), b'b');
        assert!(matches!(
            reader.sealed_digest(),
            Err(OpenError::ChunkAltered { chunk: 2 })
        ));
        now.set(0);
        let digest = reader.sealed_digest().unwrap();
        assert_eq!(byte_at(&mut reader, 2).unwrap(), b'a');

        // The digest is of what was read: the first file with the second one's middle.
        let [a, b] = &reader.inner.files;
        let middle = reader.header.as_bytes().len() + SEALED_CHUNK;
        let mut read = a.get_ref().clone();
        read[middle..middle + SEALED_CHUNK]
            .copy_from_slice(&b.get_ref()[middle..middle + SEALED_CHUNK]);
        assert_eq!(*digest.as_bytes(), adyton_crypto::sha256(&[&read]));
    }
}
