#![no_main]
//! A log's checkpoint, with and without its signature, and a proof under it.

use std::sync::LazyLock;

use adyton_fuzz::broker;
use adyton_merkle::{Checkpoint, LogVerifier, verify_inclusion};
use adyton_types::Sha256Digest;
use libfuzzer_sys::fuzz_target;

static LOG: LazyLock<LogVerifier> = LazyLock::new(|| broker().log_key.verifier());

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        if let Ok(checkpoint) = Checkpoint::parse(text) {
            assert_eq!(checkpoint.text(), text);
        }
        let _ = LOG.open(text);
    }
    let hashes: Vec<Sha256Digest> = data
        .chunks_exact(32)
        .filter_map(|chunk| Some(Sha256Digest::new(chunk.try_into().ok()?)))
        .collect();
    if let [root, leaf, path @ ..] = hashes.as_slice() {
        let _ = verify_inclusion(leaf, u64::from(data[0]), u64::from(data[1]), path, root);
    }
});
