use std::cell::Cell;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;

use adyton_crypto::os_rng;
use adyton_sealing::{Header, Identity, MAX_HEADER_BYTES, OpenError, OpenReader, SealWriter};
use adyton_types::ErrorClass;

use crate::support::{CHUNK, SEALED, only, open, payload, seal, text};

fn refused(sealed: &[u8], identity: &Identity) -> OpenError {
    open(sealed, identity).expect_err("it opened")
}

#[test]
fn no_byte_can_be_altered() {
    for (identity, step) in [
        (Identity::generate(&mut os_rng()), 1),
        (Identity::generate_hybrid(&mut os_rng()), 17),
    ] {
        let sealed = seal(b"some data", &only(&identity));
        for i in (0..sealed.len()).step_by(step) {
            let mut altered = sealed.clone();
            altered[i] ^= 1;
            refused(&altered, &identity);
        }
    }
}

#[test]
fn no_byte_can_be_cut_off_or_added() {
    let identity = Identity::generate(&mut os_rng());
    let sealed = seal(b"some data", &only(&identity));
    for end in 0..sealed.len() {
        refused(&sealed[..end], &identity);
    }
    refused(&[sealed.as_slice(), b"x"].concat(), &identity);
}

#[test]
fn chunks_cannot_be_dropped_repeated_or_moved() {
    let identity = Identity::generate(&mut os_rng());
    let sealed = seal(&text(3 * CHUNK), &only(&identity));
    let (header, chunks) = sealed.split_at(payload(&sealed));
    let chunk = |n: usize| &chunks[n * SEALED..(n + 1) * SEALED];
    for order in [
        vec![0, 1],
        vec![1, 2],
        vec![0, 2, 1],
        vec![1, 0, 2],
        vec![0, 1, 2, 2],
        vec![0, 0, 1, 2],
    ] {
        let mut altered = header.to_vec();
        order.iter().for_each(|n| altered.extend(chunk(*n)));
        let error = refused(&altered, &identity);
        assert!(
            matches!(error, OpenError::ChunkAltered { .. }),
            "{order:?}: {error}"
        );
        assert_eq!(error.class(), ErrorClass::Rejected);
    }
    // The file ends where its last chunk should begin, or begins.
    assert!(matches!(
        refused(&sealed[..header.len() + 2 * SEALED + 16], &identity),
        OpenError::Truncated
    ));
    assert!(matches!(refused(header, &identity), OpenError::Truncated));
}

#[test]
fn a_file_that_was_not_finished_does_not_open() {
    let identity = Identity::generate(&mut os_rng());
    for len in [0, 10, CHUNK, CHUNK + 1] {
        let mut sealed = Vec::new();
        let mut writer = SealWriter::new(&mut sealed, &only(&identity), &mut os_rng()).unwrap();
        io::Write::write_all(&mut writer, &text(len)).unwrap();
        drop(writer);
        refused(&sealed, &identity);
    }
}

#[test]
fn each_kind_of_stranger_has_its_error() {
    let identity = Identity::generate(&mut os_rng());
    let sealed = seal(b"some data", &only(&identity));
    let end = payload(&sealed);
    let case = |bytes: &[u8]| refused(bytes, &identity);

    assert!(matches!(case(b""), OpenError::NotSealed));
    assert!(matches!(case(b"a,b,c\n1,2,3\n"), OpenError::NotSealed));
    let armored = b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n";
    assert!(matches!(case(armored), OpenError::Armored));
    assert!(matches!(
        case(b"age-encryption.org/v2\n-> X\n"),
        OpenError::Version
    ));
    assert!(matches!(
        case(b"age-encryption.org/v1\n"),
        OpenError::Truncated
    ));
    let bad = b"age-encryption.org/v1\n-> X25519 a\n!\n--- a\n0123456789abcdef";
    assert!(matches!(case(bad), OpenError::Header));
    // The `age` crate would let the stanza's last, empty line be missing.
    let full = "A".repeat(64);
    let open = format!("age-encryption.org/v1\n-> a\n{full}\n--- {full}\n0123456789abcdef");
    assert!(matches!(case(open.as_bytes()), OpenError::Header));
    let long = [
        b"age-encryption.org/v1\n-> ".as_slice(),
        &[b'a'; MAX_HEADER_BYTES],
    ]
    .concat();
    assert!(matches!(case(&long), OpenError::HeaderTooLong));
    let lines = [
        b"age-encryption.org/v1\n".as_slice(),
        &b"-> a\n\n".repeat(1000),
    ]
    .concat();
    assert!(matches!(case(&lines), OpenError::HeaderTooLong));

    let other = Identity::generate(&mut os_rng());
    assert!(matches!(refused(&sealed, &other), OpenError::NotRecipient));
    let mut altered = sealed.clone();
    altered[end - 16 - 3] ^= 2;
    let error = case(&altered);
    assert!(
        matches!(error, OpenError::HeaderAltered | OpenError::Header),
        "{error:?}"
    );
    let mut altered = sealed;
    altered[end - 1] ^= 1;
    assert!(matches!(
        case(&altered),
        OpenError::ChunkAltered { chunk: 0 }
    ));
}

#[test]
fn a_header_is_read_alone() {
    let identity = Identity::generate(&mut os_rng());
    let sealed = seal(b"data", &only(&identity));
    let (header, rest) = Header::parse(&sealed).unwrap();
    assert_eq!(rest.len(), 4 + 16);
    assert_eq!([header.as_bytes(), rest].concat(), sealed);
}

/// Storage that its holder swaps while it is read.
struct Swapped {
    files: [Cursor<Vec<u8>>; 2],
    now: Rc<Cell<usize>>,
}

impl Read for Swapped {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.files[self.now.get()].read(bytes)
    }
}

impl Seek for Swapped {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.files[self.now.get()].seek(to)
    }
}

#[test]
fn the_holder_cannot_swap_the_file_while_it_is_read() {
    let identity = Identity::generate(&mut os_rng());
    let files = [1, 2].map(|n| Cursor::new(seal(&vec![n; 2 * CHUNK], &only(&identity))));
    let now = Rc::new(Cell::new(0));
    let swapped = Swapped {
        files,
        now: Rc::clone(&now),
    };
    let mut reader = OpenReader::open(swapped, &identity).unwrap();
    let mut byte = [0];
    reader.read_exact(&mut byte).unwrap();
    assert_eq!(byte, [1]);

    // The other file is authentic and for the same identity, but it is not the one opened.
    now.set(1);
    reader.seek(SeekFrom::Start(CHUNK as u64)).unwrap();
    let error = reader.read(&mut byte).unwrap_err();
    // Their headers may differ in length, and then so do the files.
    assert!(matches!(
        error.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
    ));
    assert!(reader.sealed_digest().is_err());

    now.set(0);
    assert_eq!(reader.read(&mut byte).unwrap(), 1);
    assert_eq!(byte, [1]);
}
