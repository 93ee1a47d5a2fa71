#![no_main]
//! The bundle file: no byte of it is without effect.

use adyton_program::Bundle;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(bundle) = Bundle::parse(data) {
        let again = Bundle::build(bundle.manifest(), bundle.component());
        assert_eq!(again.expect("its own component"), data);
    }
});
