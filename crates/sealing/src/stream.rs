use std::io::{ErrorKind, Read, Write};

use adyton_crypto::CryptoRng;
use zeroize::Zeroizing;

use crate::chunk::{CHUNK, SEALED_CHUNK, TAG};
use crate::header::Header;
use crate::{Identity, OpenError, Recipients, SealError, SealWriter};

/// Seals all of `source` into `target`; `progress` hears how many bytes of `source` are done.
/// Gives that number.
///
/// # Errors
/// If one cannot be read or the other not written; what is in `target` then does not open.
pub fn seal_stream(
    mut source: impl Read,
    target: impl Write,
    recipients: &Recipients,
    rng: &mut impl CryptoRng,
    mut progress: impl FnMut(u64),
) -> Result<u64, SealError> {
    let mut writer = SealWriter::new(target, recipients, rng)?;
    let mut buffer = Zeroizing::new(vec![0; CHUNK]);
    let mut done = 0;
    loop {
        let got = read_full(&mut source, &mut buffer).map_err(SealError::Read)?;
        writer.write_all(&buffer[..got]).map_err(SealError::Write)?;
        done += got as u64;
        progress(done);
        if got < CHUNK {
            writer.finish().map_err(SealError::Write)?;
            return Ok(done);
        }
    }
}

/// Opens all of a sealed `source` into `target`, without going back in either; `progress` hears how
/// many bytes of `target` are done. Gives that number.
///
/// # Errors
/// If the file does not open. What `target` has got until then is authentic, but **not all of the
/// file**: the caller has to throw it away.
pub fn open_stream(
    mut source: impl Read,
    mut target: impl Write,
    identity: &Identity,
    mut progress: impl FnMut(u64),
) -> Result<u64, OpenError> {
    let (header, ahead) = Header::read(&mut source)?;
    let key = header.open(identity)?;
    let mut source = ahead.as_slice().chain(source);

    // One byte more than a chunk: whether there is one says whether the chunk is the last.
    let mut buffer = Zeroizing::new(vec![0; SEALED_CHUNK + 1]);
    let (mut carried, mut index, mut done) = (0, 0, 0);
    loop {
        let got =
            carried + read_full(&mut source, &mut buffer[carried..]).map_err(OpenError::Read)?;
        let last = got <= SEALED_CHUNK;
        let sealed = got.min(SEALED_CHUNK);
        // The last chunk may be empty only in an empty file.
        if sealed < TAG || (sealed == TAG && index > 0) {
            return Err(OpenError::Truncated);
        }
        let (chunk, rest) = buffer.split_at_mut(sealed - TAG);
        let tag = *rest.first_chunk().ok_or(OpenError::Truncated)?;
        if !key.open(index, last, chunk, tag) {
            return Err(OpenError::ChunkAltered { chunk: index });
        }
        target.write_all(chunk).map_err(OpenError::Write)?;
        done += chunk.len() as u64;
        progress(done);
        if last {
            target.flush().map_err(OpenError::Write)?;
            return Ok(done);
        }
        buffer[0] = buffer[SEALED_CHUNK];
        carried = 1;
        index += 1;
    }
}

/// Reads until the buffer is full or the source ends.
fn read_full(source: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
