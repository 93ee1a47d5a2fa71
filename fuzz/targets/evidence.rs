#![no_main]
//! Evidence of the software TEE. Beginning with an even byte: as received. With an odd one: the
//! rest is the payload, signed by a platform key.

use std::sync::LazyLock;

use adyton_codec::Value;
use adyton_crypto::{SigningKey, sign_labelled};
use adyton_fuzz::{bound_heap, signing_key};
use adyton_tee_software::verify;
use libfuzzer_sys::fuzz_target;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| signing_key(10));

fuzz_target!(|data: &[u8]| {
    LazyLock::force(&KEY);
    let _bound = bound_heap(data);
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    if mode % 2 == 0 {
        let _ = verify(rest);
        return;
    }
    let sign1 = sign_labelled("adyton/software-evidence/v1", &KEY, rest);
    let public = KEY.verifying_key().to_bytes();
    let fields = [
        ("key", Value::bytes(&public)),
        ("sign1", Value::bytes(&sign1)),
    ];
    if let Ok(report) = verify(&Value::map(fields).encode()) {
        assert_eq!(report.claims().platform, KEY.verifying_key().fingerprint());
    }
});
