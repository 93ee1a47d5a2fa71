use std::io::{Cursor, Read as _, Seek as _, SeekFrom, Write as _};

use adyton_crypto::{os_rng, sha256};
use adyton_sealing::{
    DigestWriter, Identity, OpenReader, Recipients, SealWriter, open_stream, seal_stream,
};

use crate::support::{CHUNK, only, open, seal, text};

#[test]
fn every_length_around_a_chunk() {
    let identity = Identity::generate(&mut os_rng());
    let recipients = only(&identity);
    for len in [
        0,
        1,
        CHUNK - 1,
        CHUNK,
        CHUNK + 1,
        2 * CHUNK - 1,
        2 * CHUNK,
        2 * CHUNK + 1,
    ] {
        let plain = text(len);
        assert_eq!(open(&seal(&plain, &recipients), &identity).unwrap(), plain);
    }
}

#[test]
fn every_recipient_opens_and_nobody_else() {
    let rng = &mut os_rng();
    for make in [Identity::generate, Identity::generate_hybrid] {
        let identities = [(); 3].map(|()| make(rng));
        let recipients = Recipients::new(identities.iter().map(Identity::recipient)).unwrap();
        let sealed = seal(b"ours", &recipients);
        for identity in &identities {
            assert_eq!(open(&sealed, identity).unwrap(), b"ours");
        }
        for stranger in [Identity::generate(rng), Identity::generate_hybrid(rng)] {
            assert!(open(&sealed, &stranger).is_err());
        }
    }
}

#[test]
fn the_largest_set_of_recipients_fits() {
    let rng = &mut os_rng();
    let identities: Vec<_> = (0..32).map(|_| Identity::generate_hybrid(rng)).collect();
    let recipients = Recipients::new(identities.iter().map(Identity::recipient)).unwrap();
    let sealed = seal(b"ours", &recipients);
    assert_eq!(open(&sealed, &identities[31]).unwrap(), b"ours");
}

#[test]
fn pieces_of_any_size_make_the_same_file() {
    let identity = Identity::generate(&mut os_rng());
    let plain = text(2 * CHUNK + 77);
    for piece in [1000, CHUNK, CHUNK + 1, 3 * CHUNK] {
        let mut writer = SealWriter::new(Vec::new(), &only(&identity), &mut os_rng()).unwrap();
        for part in plain.chunks(piece) {
            writer.write_all(part).unwrap();
            writer.flush().unwrap();
        }
        let sealed = writer.finish().unwrap();
        assert_eq!(open(&sealed, &identity).unwrap(), plain);
    }
}

#[test]
fn reads_from_anywhere() {
    let identity = Identity::generate(&mut os_rng());
    let plain = text(3 * CHUNK + 5);
    let sealed = seal(&plain, &only(&identity));
    // The file may begin anywhere in the reader.
    let mut whole = Cursor::new([b"before".as_slice(), &sealed].concat());
    whole.set_position(6);
    let mut reader = OpenReader::open(whole, &identity)
        .unwrap()
        .with_digest(&mut os_rng());
    assert_eq!(reader.size(), plain.len() as u64);
    assert_eq!(reader.sealed_size(), sealed.len() as u64);

    for at in [
        plain.len() - 1,
        0,
        CHUNK,
        CHUNK - 1,
        2 * CHUNK + 3,
        3 * CHUNK,
        5,
    ] {
        let mut piece = [0; 2];
        assert_eq!(reader.seek(SeekFrom::Start(at as u64)).unwrap(), at as u64);
        let got = reader.read(&mut piece).unwrap();
        assert_eq!(piece[..got], plain[at..(at + got)], "at {at}");
        assert!(got > 0);
    }
    assert_eq!(
        reader.seek(SeekFrom::End(-4)).unwrap(),
        plain.len() as u64 - 4
    );
    assert_eq!(
        reader.seek(SeekFrom::Current(-1)).unwrap(),
        plain.len() as u64 - 5
    );
    let mut tail = Vec::new();
    reader.read_to_end(&mut tail).unwrap();
    assert_eq!(tail, plain[plain.len() - 5..]);
    // Beyond the end there is nothing, and before the beginning no place.
    assert_eq!(reader.seek(SeekFrom::Start(u64::MAX)).unwrap(), u64::MAX);
    assert_eq!(reader.read(&mut [0; 9]).unwrap(), 0);
    assert!(reader.seek(SeekFrom::Current(1)).is_err());
    assert!(
        reader
            .seek(SeekFrom::End(-(plain.len() as i64) - 1))
            .is_err()
    );

    // Reading out of order did not disturb the digest.
    let digest = *reader.sealed_digest().unwrap().as_bytes();
    assert_eq!(digest, sha256(&[&sealed]));
    assert_eq!(*reader.sealed_digest().unwrap().as_bytes(), digest);
}

#[test]
fn both_sides_take_the_same_digest() {
    let identity = Identity::generate(&mut os_rng());
    let target = DigestWriter::new(Vec::new());
    let mut writer = SealWriter::new(target, &only(&identity), &mut os_rng()).unwrap();
    writer.write_all(&text(CHUNK + 9)).unwrap();
    let (sealed, written, len) = writer.finish().unwrap().finish();
    assert_eq!(*written.as_bytes(), sha256(&[&sealed]));
    assert_eq!(len, sealed.len() as u64);

    let mut late = OpenReader::open(Cursor::new(&sealed), &identity).unwrap();
    assert_eq!(late.sealed_digest().unwrap(), written);
    let mut along = OpenReader::open(Cursor::new(&sealed), &identity)
        .unwrap()
        .with_digest(&mut os_rng());
    std::io::copy(&mut along, &mut std::io::sink()).unwrap();
    assert_eq!(along.sealed_digest().unwrap(), written);
}

#[test]
fn streams_tell_their_progress() {
    let identity = Identity::generate_hybrid(&mut os_rng());
    let plain = text(2 * CHUNK + 1);
    let (mut sealed, mut opened, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    let rng = &mut os_rng();
    let size = seal_stream(
        plain.as_slice(),
        &mut sealed,
        &only(&identity),
        rng,
        |done| {
            seen.push(done);
        },
    );
    assert_eq!(size.unwrap(), plain.len() as u64);
    assert_eq!(seen, [65_536, 131_072, 131_073]);
    seen.clear();
    open_stream(sealed.as_slice(), &mut opened, &identity, |done| {
        seen.push(done)
    })
    .unwrap();
    assert_eq!(opened, plain);
    assert_eq!(seen, [65_536, 131_072, 131_073]);
}

#[test]
fn two_files_have_nothing_in_common() {
    let identity = Identity::generate(&mut os_rng());
    let [a, b] = [(); 2].map(|()| seal(&text(100), &only(&identity)));
    assert_ne!(a[a.len() - 100..], b[b.len() - 100..]);
}
