#![no_main]
//! Endorsements of Intel. The first byte chooses: the whole bundle in JSON, an answer of the PCS, or
//! a document that is signed by a key of the fuzzer's, so that what is behind the signature is read.

use std::sync::LazyLock;

use adyton_fuzz::bound_heap;
use adyton_pki::SignatureAlgorithm;
use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_intel_dcap::{IntelBundle, SignedDocument};
use libfuzzer_sys::fuzz_target;

static WORLD: LazyLock<(IntelForge, IntelBundle)> = LazyLock::new(|| {
    let forge = IntelForge::tdx();
    let bundle = forge.bundle();
    (forge, bundle)
});

fn signed(body: &[u8]) -> SignedDocument {
    let algorithm = SignatureAlgorithm::EcdsaP256Sha256Fixed;
    let signature = WORLD.0.signer_key.sign(algorithm, body);
    SignedDocument {
        body: body.to_vec(),
        signature: signature.try_into().expect("64 bytes"),
    }
}

fuzz_target!(|data: &[u8]| {
    LazyLock::force(&WORLD);
    let _bound = bound_heap(data);
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let (forge, good) = &*WORLD;
    let mut bundle = good.clone();
    match mode % 5 {
        0 => {
            let _ = IntelBundle::from_json(rest).map(|bundle| forge.endorse(&bundle));
            return;
        }
        1 => {
            let _ = SignedDocument::tcb_info(rest);
            let _ = SignedDocument::qe_identity(rest);
            return;
        }
        2 => bundle.tcb_info = signed(rest),
        3 => bundle.qe_identity = signed(rest),
        _ => bundle.pck_crl = rest.to_vec(),
    }
    let _ = forge.endorse(&bundle);
});
