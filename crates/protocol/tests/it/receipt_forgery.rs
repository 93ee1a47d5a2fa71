//! Receipts whose envelope was changed, by somebody who holds the run's keys or does not.

use adyton_appraisal::Judging;
use adyton_codec::Value;
use adyton_crypto::{sha512, sign_labelled};
use adyton_protocol::{ReceiptError, verify_receipt};
use adyton_types::ReportData;

use crate::support::{NOW, World, edited, manifest, payload, pins, receipt};

fn honest() -> (World, Vec<u8>) {
    let mut world = World::new(1);
    let pending = world.ask();
    let answer = world.answer(&pending).sign(&world.answer_key);
    let (_, proofs, _) = pending.open(&answer).unwrap().into_parts();
    let bytes = receipt(&world, &payload(manifest(None), proofs));
    (world, bytes)
}

fn failures(world: &World, bytes: &[u8]) -> Vec<String> {
    match verify_receipt(bytes, &pins(world), &Judging::default(), NOW) {
        Err(ReceiptError::Failed { failed, .. }) => failed.into_iter().map(|f| f.claim).collect(),
        other => panic!("{other:?}"),
    }
}

/// The binding in a receipt, as it stands in the bytes.
fn binding(receipt: &[u8]) -> Vec<u8> {
    let mut fields = Value::decode(receipt)
        .unwrap()
        .into_fields("receipt")
        .unwrap();
    fields.required("binding").unwrap().encode()
}

/// Makes new Evidence over the receipt's binding as it now is.
fn attested_anew(world: &World, receipt: &[u8]) -> Vec<u8> {
    let digest = sha512(&[b"adyton/bind/v1\0", &binding(receipt)]);
    let evidence = world.evidence(ReportData::new(digest));
    edited(
        receipt,
        &["evidence", "bytes"],
        Some(&Value::bytes(&evidence.bytes)),
    )
}

#[test]
fn every_binding_field_is_held_by_one_check() {
    let (world, honest) = honest();
    let other = World::new(2);
    let kem = other.keys.kem().public().to_bytes();
    let sig = other.keys.signing().verifying_key().to_bytes();
    let cases: [(&str, Value<'_>, Option<&str>); 8] = [
        ("role", Value::text("enclave"), Some("role")),
        ("rp", Value::bytes(&[1; 32]), Some("rp")),
        ("fresh", Value::bytes(&[1; 32]), Some("run")),
        ("kem", Value::bytes(&kem), None),
        ("sig", Value::bytes(&sig), Some("signature")),
        ("channel", Value::bytes(&[1; 32]), Some("channel")),
        ("program", Value::bytes(&[1; 48]), Some("manifest")),
        ("ops", Value::bytes(&[1; 32]), Some("ops")),
    ];
    for (field, to, check) in cases {
        let changed = edited(&honest, &["binding", field], Some(&to));
        let failed = failures(&world, &changed);
        assert_eq!(
            failed.first().map(String::as_str),
            Some("evidence"),
            "{field}"
        );
        // The platform vouches for whatever the enclave says: the check of the field itself.
        let attested = attested_anew(&world, &changed);
        match check {
            Some(check) => assert_eq!(failures(&world, &attested), [check], "{field}"),
            // A receipt's KEM key is used for nothing that a verifier could compare.
            None => {
                assert!(verify_receipt(&attested, &pins(&world), &Judging::default(), NOW).is_ok())
            }
        }
    }
}

#[test]
fn a_payload_signed_by_others_is_refused() {
    let (world, honest) = honest();
    let other = World::new(2);
    let mut fields = Value::decode(&honest)
        .unwrap()
        .into_fields("receipt")
        .unwrap();
    let sign1 = fields.bytes("sign1").unwrap();
    let label = "adyton/receipt/v1";
    let key = world.keys.signing();
    let payload = adyton_crypto::verify_labelled(label, &key.verifying_key(), &sign1).unwrap();
    let with = |sign1: &[u8]| {
        let changed = edited(&honest, &["sign1"], Some(&Value::bytes(sign1)));
        failures(&world, &changed)
    };
    let forged = sign_labelled(label, other.keys.signing(), &payload);
    assert_eq!(with(&forged), ["signature"]);
    let label = "adyton/release-answer/v1";
    assert_eq!(with(&sign_labelled(label, key, &payload)), ["signature"]);
}

#[test]
fn every_flipped_byte_is_refused() {
    let (world, good) = honest();
    let pins = pins(&world);
    for i in (0..good.len()).step_by(7) {
        let mut altered = good.clone();
        altered[i] ^= 1;
        assert!(
            verify_receipt(&altered, &pins, &Judging::default(), NOW).is_err(),
            "byte {i}"
        );
    }
    assert!(verify_receipt(&good[..good.len() - 1], &pins, &Judging::default(), NOW).is_err());
    assert!(
        verify_receipt(
            &[good.as_slice(), &[0]].concat(),
            &pins,
            &Judging::default(),
            NOW
        )
        .is_err()
    );
}
