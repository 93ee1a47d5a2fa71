#![no_main]
//! Reports of NVIDIA devices. Beginning with an even byte: as received. With an odd one: the rest is
//! request and response, signed by a device of a known chain.

use std::sync::LazyLock;

use adyton_fuzz::bound_heap;
use adyton_pki::SignatureAlgorithm;
use adyton_tee_nvidia_gpu::forge::{ForgedReport, ForgedWorld};
use adyton_tee_nvidia_gpu::{Architecture, NvidiaEndorsements, Report, verify};
use libfuzzer_sys::fuzz_target;

struct Forged {
    world: ForgedWorld,
    pem: String,
    endorsements: NvidiaEndorsements,
}

static FORGED: LazyLock<Forged> = LazyLock::new(|| {
    let world = ForgedWorld::hopper();
    let endorsements = world.endorsements(&world.gpu_rims());
    Forged {
        pem: ForgedWorld::pem(&world.chain),
        world,
        endorsements,
    }
});

fuzz_target!(|data: &[u8]| {
    LazyLock::force(&FORGED);
    let _bound = bound_heap(data);
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let mut report = rest.to_vec();
    if mode % 2 == 1 {
        let algorithm = SignatureAlgorithm::EcdsaP384Sha384Fixed;
        report.extend_from_slice(&FORGED.world.leaf_key.sign(algorithm, rest));
    }
    if let Ok(report) = Report::parse(&report) {
        assert!(report.fields().len() > report.measurements.len());
    }
    let nonce = report.get(4..36).unwrap_or(&[1; 32]);
    let entry = ForgedReport::entry(Architecture::Hopper, nonce, &report, &FORGED.pem);
    let evidence = format!("[{entry}]");
    let verified = verify(evidence.as_bytes(), &FORGED.endorsements, ForgedWorld::NOW);
    if let Ok(verified) = verified {
        let device = &verified.claims().devices[0];
        assert_eq!(device.vbios_version, "96.00.9F.00.01");
        assert!(device.measured >= 39);
    }
});
