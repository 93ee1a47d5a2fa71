#![no_main]
//! Attestation Results as tokens. The first byte says whether the rest is a JWT or a CWT, and whether
//! it is judged as received or is the claims, to be signed first.

use adyton_codec::{Value, base64url_encode};
use adyton_crypto::{SecretArray, SigningKey};
use adyton_ear::{EarSigningKey, Pin, VerifiedEar};
use adyton_fuzz::bound_heap;
use adyton_types::UnixTime;
use libfuzzer_sys::fuzz_target;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fuzz_target!(|data: &[u8]| {
    let _bound = bound_heap(data);
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let key = || SigningKey::from_seed(&SecretArray::fill_with(|bytes| bytes.fill(9)));
    let signer = EarSigningKey::ed25519(key());
    let pin = Pin {
        key: signer.verifying_key().expect("a key"),
        issuer: "verifier.example".to_owned(),
        audience: "broker.example".to_owned(),
    };
    let read = match mode % 4 {
        0 => pin.verify_jwt(&String::from_utf8_lossy(rest), NOW),
        1 => pin.verify_cwt(rest, NOW),
        2 => pin.verify_jwt(&jwt(&key(), rest), NOW),
        _ => pin.verify_cwt(&cwt(&key(), rest), NOW),
    };
    // What is read can be issued, and is then read as the same.
    if let Ok(read) = read {
        let same = |again: VerifiedEar| assert_eq!(again.ear(), read.ear());
        let jwt = read.ear().issue_jwt(&signer).expect("it was consistent");
        same(pin.verify_jwt(&jwt, NOW).expect("it was accepted"));
        let cwt = read.ear().issue_cwt(&signer).expect("it was consistent");
        same(pin.verify_cwt(&cwt, NOW).expect("it was accepted"));
    }
});

fn jwt(key: &SigningKey, claims: &[u8]) -> String {
    let header = base64url_encode(br#"{"alg":"EdDSA","typ":"eat+jwt"}"#);
    let signed = format!("{header}.{}", base64url_encode(claims));
    let signature = base64url_encode(&key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn cwt(key: &SigningKey, claims: &[u8]) -> Vec<u8> {
    let protected = Value::Map(vec![(Value::Uint(1), Value::Nint(7))]).encode();
    let parts = [
        Value::text("Signature1"),
        Value::bytes(&protected),
        Value::bytes(&[]),
        Value::bytes(claims),
    ];
    let signature = key.sign(&Value::Array(parts.to_vec()).encode());
    let sign1 = [
        Value::bytes(&protected),
        Value::Map(Vec::new()),
        Value::bytes(claims),
        Value::bytes(&signature),
    ];
    Value::Tag(18, Box::new(Value::Array(sign1.to_vec()))).encode()
}
