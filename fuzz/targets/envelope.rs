#![no_main]
//! Evidence in any envelope, its fields, and what it needs.

use adyton_fuzz::bound_heap;
use adyton_types::UnixTime;
use adyton_verifier::{Endorsements, authenticate, envelope, fields, needs};
use libfuzzer_sys::fuzz_target;

const NOW: UnixTime = UnixTime::from_secs(1_770_000_000);

fuzz_target!(|data: &[u8]| {
    let _bound = bound_heap(data);
    let Ok(found) = envelope::detect(data) else {
        return;
    };
    let _ = fields(&found.evidence);
    let _ = needs(&found.evidence);
    if let Ok(authentic) = authenticate(&found.evidence, &Endorsements::new(), NOW) {
        assert_eq!(authentic.claims().kind, found.evidence.kind);
        assert!(!authentic.checks().is_empty());
    }
});
