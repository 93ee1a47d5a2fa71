#![no_main]
//! A sealed file, as an enclave gets it from the host.

use std::io::{Cursor, Read};

use adyton_fuzz::identity;
use adyton_sealing::{Header, OpenReader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok((header, payload)) = Header::parse(data) {
        assert_eq!([header.as_bytes(), payload].concat(), data);
    }
    if let Ok(mut reader) = OpenReader::open(Cursor::new(data), identity()) {
        let mut plain = Vec::new();
        if reader.read_to_end(&mut plain).is_ok() {
            assert_eq!(plain.len() as u64, reader.size());
        }
    }
});
