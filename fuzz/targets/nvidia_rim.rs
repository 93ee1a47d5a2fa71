#![no_main]
//! NVIDIA's manifests. Beginning with an even byte: as received. With an odd one: the rest stands
//! before the signature of a manifest of otherwise right form, and is signed.

use std::sync::LazyLock;

use adyton_fuzz::bound_heap;
use adyton_pki::OcspResponse;
use adyton_tee_nvidia_gpu::Rim;
use adyton_tee_nvidia_gpu::forge::{ForgedRim, ForgedWorld, answers};
use libfuzzer_sys::fuzz_target;

struct Forged {
    world: ForgedWorld,
    ocsp: [OcspResponse; 1],
}

static FORGED: LazyLock<Forged> = LazyLock::new(|| {
    let world = ForgedWorld::hopper();
    let ocsp = [answers(&world.rim_chain, &world.responder)];
    Forged { world, ocsp }
});

fuzz_target!(|data: &[u8]| {
    LazyLock::force(&FORGED);
    let _bound = bound_heap(data);
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let mut xml = rest.to_vec();
    if let (1, Ok(extra)) = (mode % 2, std::str::from_utf8(rest)) {
        let mut rim = ForgedRim::new("GH100", "550.90.07", 0..2);
        rim.extra = extra.to_owned();
        xml = FORGED.world.rim_xml(&rim).into_bytes();
    }
    let read = Rim::danger_read(&xml);
    let roots = FORGED.world.roots();
    if let Ok(rim) = Rim::verify(&xml, &FORGED.ocsp, &roots, ForgedWorld::NOW) {
        // What is verified is what anybody reads.
        assert_eq!(Ok(rim.document().clone()), read);
    }
});
