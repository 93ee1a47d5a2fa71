#![no_main]
//! What people and vendors write about measurements and keys: CoRIMs, drafts of lists, texts about CCA
//! platforms. What is read is written back the same.

use adyton_appraisal::{ReferenceDraft, danger_import_unverified_corim};
use adyton_fuzz::bound_heap;
use adyton_types::TeeKind;
use adyton_verifier::material::danger_cca_platforms;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _bound = bound_heap(data);
    if let Ok(import) = danger_import_unverified_corim(data, TeeKind::Cca) {
        assert!(import.taken.values().all(|taken| taken.note.len() <= 128));
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let _ = danger_cca_platforms(text);
    if let Ok(draft) = text.parse::<ReferenceDraft>() {
        assert_eq!(draft.to_string().parse::<ReferenceDraft>(), Ok(draft));
    }
});
