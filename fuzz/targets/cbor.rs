#![no_main]
//! Deterministic CBOR: what is read is written back byte for byte.

use adyton_codec::Value;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(value) = Value::decode(data) {
        assert_eq!(value.encode(), data);
    }
});
