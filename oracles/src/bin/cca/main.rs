//! CCA tokens: speed beside the two signatures alone, in one run. There is no peer here: the one
//! Rust crate for them, `ccatoken`, needs OpenSSL.
//!
//! `cargo run --release --bin cca -- FOLDER`, the folder of real Evidence

use std::hint::black_box;

use adyton_oracles::{Vectors, median_ns, peak_of, table};
use adyton_tee_arm_cca::{
    CcaEndorsements, CcaToken, ComponentReference, EcKey, PlatformReference, verify,
};
use adyton_types::UnixTime;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};

const TOKEN: &str = "cca/veraison_rust-ccatoken__testdata_cca-token-draft-ffm-00.cbor";
const KEY: &str = "cca/veraison_rust-ccatoken__testdata_cpak.json";
const NOW: UnixTime = UnixTime::from_secs(1_750_000_000);

/// The key of the platform, and Reference Values that are the token's own.
fn endorse(token: &[u8], key: &[u8]) -> (CcaEndorsements, EcKey) {
    let token = CcaToken::parse(token).expect("well-formed");
    let key = EcKey::from_jwk(std::str::from_utf8(key).expect("text")).expect("a public key");
    let platform = &token.platform;
    let mut endorsements = CcaEndorsements::new(NOW, NOW);
    endorsements
        .add_key(platform.implementation, platform.instance, Ok(key.clone()))
        .expect("on its curve");
    let reference = |component: &adyton_tee_arm_cca::SwComponent| ComponentReference {
        kind: component.kind.clone(),
        measurement: component.measurement.clone(),
        signer: component.signer.clone(),
        version: component.version.clone(),
    };
    let reference = PlatformReference {
        config: platform.config.clone(),
        components: platform.components.iter().map(reference).collect(),
        required: vec!["RMM".to_owned()],
    };
    endorsements.set_reference(platform.implementation, reference);
    (endorsements, key)
}

fn main() {
    let vectors = Vectors::open();
    let token = vectors.read(TOKEN);
    let (endorsements, key) = endorse(&token, &vectors.read(KEY));
    let message = vec![7; 1500];
    // What one verification costs does not depend on whether the signature holds.
    let floor = || {
        for _ in 0..2 {
            let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, key.point());
            let _ = black_box(key.verify(black_box(&message), &token[token.len() - 96..]));
        }
    };
    let times = median_ns(
        30,
        10,
        [&mut || floor(), &mut || {
            let verified = verify(black_box(&token), &endorsements, NOW);
            let _ = black_box(verified.expect("verifies"));
        }],
    );
    table(&[
        ("two P-384 signatures alone", times[0]),
        ("adyton", times[1]),
    ]);
    println!(
        "{:.0} tokens/s; floor ratio {:.2}",
        1e9 / times[1],
        times[0] / times[1]
    );
    let (_, peak) = peak_of(|| verify(&token, &endorsements, NOW).expect("verifies"));
    println!("peak heap of one verification: {peak} bytes");
}
