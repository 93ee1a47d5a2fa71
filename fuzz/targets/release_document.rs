#![no_main]
//! The release document: with an even first byte as a broker keeps it, with an odd one as the owner
//! writes it.

use adyton_broker::ReleaseDocument;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    if mode % 2 == 0 {
        if let Ok(document) = ReleaseDocument::decode(rest) {
            assert_eq!(document.encode(), rest);
        }
        return;
    }
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    if let Ok(document) = text.parse::<ReleaseDocument>() {
        let again = ReleaseDocument::decode(&document.encode());
        assert_eq!(
            again.expect("what is written can be read").id(),
            document.id()
        );
    }
});
