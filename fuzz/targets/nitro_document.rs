#![no_main]
//! Nitro attestation documents. Beginning with an even byte: as received. With an odd one: the rest
//! is the payload of a document of otherwise right form.

use adyton_codec::Value;
use adyton_fuzz::bound_heap;
use adyton_tee_aws_nitro::forge::{ForgedNitro, NOW, envelope};
use adyton_tee_aws_nitro::{NitroDocument, verify};
use libfuzzer_sys::fuzz_target;

const ES384: [u8; 4] = [0xa1, 0x01, 0x38, 0x22];

fuzz_target!(|data: &[u8]| {
    let _bound = bound_heap(data);
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let bytes = if mode % 2 == 0 {
        rest.to_vec()
    } else {
        envelope(&ES384, &Value::Map(Vec::new()), rest, &[7; 96]).encode()
    };
    if let Ok(document) = NitroDocument::parse(&bytes) {
        assert!(document.fields().len() >= 8);
        assert!(document.signed_bytes().len() > rest.len().min(64));
    }
    let _ = verify(&bytes, &ForgedNitro::roots(), u64::MAX, NOW);
});
