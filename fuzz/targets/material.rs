#![no_main]
//! Files of Endorsements: nothing that a stranger writes endorses anything.

use adyton_fuzz::bound_heap;
use adyton_types::UnixTime;
use adyton_verifier::material::{Material, Trust};
use libfuzzer_sys::fuzz_target;

const NOW: UnixTime = UnixTime::from_secs(1_770_000_000);

fuzz_target!(|data: &[u8]| {
    let _bound = bound_heap(data);
    let mut material = Material::new();
    if let Ok(kinds) = material.add(data) {
        assert!(!kinds.is_empty());
        let _ = material.endorse(&Trust::vendors(), NOW);
    }
});
