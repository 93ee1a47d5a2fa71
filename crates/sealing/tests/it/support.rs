use std::io::{Cursor, Read as _, Write as _};

use adyton_crypto::os_rng;
use adyton_sealing::{Identity, OpenError, OpenReader, Recipients, SealWriter, open_stream};

/// Plaintext of a full chunk.
pub(crate) const CHUNK: usize = 64 * 1024;
/// A full chunk in the file.
pub(crate) const SEALED: usize = CHUNK + 16;

pub(crate) fn text(len: usize) -> Vec<u8> {
    (0..=250).cycle().take(len).collect()
}

pub(crate) fn seal(plain: &[u8], recipients: &Recipients) -> Vec<u8> {
    let mut writer = SealWriter::new(Vec::new(), recipients, &mut os_rng()).unwrap();
    writer.write_all(plain).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn only(identity: &Identity) -> Recipients {
    Recipients::new([identity.recipient()]).unwrap()
}

/// Opens by both ways, which have to agree.
pub(crate) fn open(sealed: &[u8], identity: &Identity) -> Result<Vec<u8>, OpenError> {
    let mut streamed = Vec::new();
    let stream = open_stream(sealed, &mut streamed, identity, |_| ());
    let random = open_random(sealed, identity);
    match (stream, random) {
        (Ok(size), Ok(plain)) => {
            assert_eq!(plain, streamed);
            assert_eq!(size, plain.len() as u64);
            Ok(plain)
        }
        (Err(error), Err(_)) => Err(error),
        (stream, random) => panic!("one way opens, one does not: {stream:?}, {random:?}"),
    }
}

fn open_random(sealed: &[u8], identity: &Identity) -> Result<Vec<u8>, OpenError> {
    let mut reader = OpenReader::open(Cursor::new(sealed), identity)?;
    let mut plain = Vec::new();
    let read = reader.read_to_end(&mut plain);
    // `sealed_digest` authenticates everything, and gives the reason in its own type.
    reader.sealed_digest()?;
    read.unwrap();
    assert_eq!(plain.len() as u64, reader.size());
    Ok(plain)
}

pub(crate) fn payload(sealed: &[u8]) -> usize {
    adyton_sealing::Header::parse(sealed)
        .unwrap()
        .0
        .as_bytes()
        .len()
}
