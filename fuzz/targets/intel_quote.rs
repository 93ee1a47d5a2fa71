#![no_main]
//! Quotes of SGX and TDX. Beginning with an even byte: the rest as received. With an odd one: the
//! rest is put over a good quote from its header on, and it is verified against good Endorsements.

use std::sync::LazyLock;

use adyton_fuzz::bound_heap;
use adyton_tee_intel_dcap::eventlog::EventLog;
use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_intel_dcap::{IntelEndorsements, Quote, verify};
use libfuzzer_sys::fuzz_target;

struct World {
    quote: Vec<u8>,
    endorsements: IntelEndorsements,
    forge: IntelForge,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let forge = IntelForge::tdx15();
    World {
        quote: forge.quote(),
        endorsements: forge.endorsements().expect("its own Endorsements"),
        forge,
    }
});

fuzz_target!(|data: &[u8]| {
    LazyLock::force(&WORLD);
    let _bound = bound_heap(data);
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    if mode % 2 == 0 {
        let _ = Quote::parse(rest);
        let _ = EventLog::parse(rest);
        let _ = EventLog::parse_json(rest);
        return;
    }
    let mut quote = WORLD.quote.clone();
    quote
        .iter_mut()
        .zip(rest)
        .for_each(|(at, byte)| *at ^= byte);
    if let Ok(verified) = verify(&quote, &WORLD.endorsements, WORLD.forge.now) {
        let body = &verified.claims().body;
        let good = Quote::parse(&WORLD.quote).expect("its own quote");
        assert_eq!(*body, good.body, "a changed body verified");
    }
});
