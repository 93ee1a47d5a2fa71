#![no_main]
//! What the host says to the enclave and the other way round: one encoding each.

use adyton_hatch::{FromEnclave, ToEnclave};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(message) = ToEnclave::decode(data) {
        assert_eq!(message.encode(), data);
    }
    if let Ok(message) = FromEnclave::decode(data) {
        assert_eq!(message.encode(), data);
    }
});
