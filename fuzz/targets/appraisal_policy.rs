#![no_main]
//! Appraisal Policies and signed lists of Reference Values. The first byte says what the rest is: a
//! policy as a person writes it, a platform as a release document keeps it, or a list.

use adyton_appraisal::{AppraisalPolicy, PlatformPolicy, ReferenceValues, References};
use adyton_codec::Value;
use adyton_fuzz::bound_heap;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _bound = bound_heap(data);
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    match mode % 3 {
        0 => {
            let Ok(text) = std::str::from_utf8(rest) else {
                return;
            };
            if let Ok(policy) = text.parse::<AppraisalPolicy>() {
                for platform in policy.platforms() {
                    again(platform);
                }
            }
        }
        1 => {
            let Ok(value) = Value::decode(rest) else {
                return;
            };
            if let Ok(platform) = PlatformPolicy::from_value(value) {
                again(&platform);
            }
        }
        _ => {
            if let Ok(list) = ReferenceValues::parse(rest) {
                let mut references = References::default();
                references.add(list.clone()).expect("the first list");
                references.add(list).expect("the same list");
            }
        }
    }
});

/// What is accepted has one encoding, which is accepted.
fn again(platform: &PlatformPolicy) {
    let bytes = platform.to_value().encode();
    let value = Value::decode(&bytes).expect("what is written can be read");
    let read = PlatformPolicy::from_value(value).expect("what is accepted once is accepted again");
    assert_eq!(&read, platform);
}
