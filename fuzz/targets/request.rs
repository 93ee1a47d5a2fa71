#![no_main]
//! What a broker reads from strangers, and the documents of the protocol that stand alone: each has
//! one encoding.

use adyton_protocol::{Binding, Card, Challenge, ErrorBody, Leaf, Request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let again = match mode % 6 {
        0 => {
            let _ = Request::parse(rest);
            None
        }
        1 => Binding::parse(rest).ok().map(|binding| binding.encode()),
        2 => Card::parse(rest).ok().map(|card| card.encode()),
        3 => Challenge::parse(rest)
            .ok()
            .map(|challenge| challenge.encode()),
        4 => Leaf::parse(rest).ok().map(|leaf| leaf.encode()),
        _ => {
            let _ = ErrorBody::parse(rest);
            None
        }
    };
    if let Some(again) = again {
        assert_eq!(again, rest);
    }
});
