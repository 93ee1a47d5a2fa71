#![no_main]
//! The manifest: with an even first byte as it is measured, with an odd one as the author writes it.

use adyton_program::{Manifest, ManifestSource};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    if mode % 2 == 0 {
        if let Ok(manifest) = Manifest::decode(rest) {
            assert_eq!(manifest.encode(), rest);
        }
        return;
    }
    let source = std::str::from_utf8(rest)
        .ok()
        .and_then(|text| ManifestSource::parse(text).ok());
    if let Some(manifest) = source.and_then(|source| source.into_manifest(b"\0asm").ok()) {
        let again = Manifest::decode(&manifest.encode()).expect("what is written can be read");
        assert_eq!(again.measurement(), manifest.measurement());
    }
});
