use std::collections::BTreeSet;

use adyton_codec::Value;
use adyton_protocol::{
    InputRecord, OutputRecord, Pins, ReceiptDraft, ReceiptPayload, ReleaseProof,
};
use adyton_types::{Fingerprint, Sha256Digest};

use super::{NOW, World, name};

/// A manifest with the inputs `hospital-a` and `hospital-b` and the output `model`; `broker` is
/// demanded for the first.
pub(crate) fn manifest(broker: Option<Fingerprint>) -> Vec<u8> {
    let broker = broker.map(|id| id.as_bytes().to_vec());
    let broker = broker.map_or(Value::Null, |id| Value::Bytes(id.into()));
    let input =
        |name: &'static str, broker| Value::map([("name", Value::text(name)), ("broker", broker)]);
    let output = Value::map([
        ("name", Value::text("model")),
        ("recipients", Value::Array(vec![Value::text("age1example")])),
        ("max-bytes", Value::Uint(1024)),
    ]);
    Value::map([
        ("v", Value::text("adyton/program/v1")),
        ("name", Value::text("heart")),
        ("kind", Value::text("component")),
        (
            "inputs",
            Value::Array(vec![
                input("hospital-a", broker),
                input("hospital-b", Value::Null),
            ]),
        ),
        ("outputs", Value::Array(vec![output])),
    ])
    .encode()
}

/// What an honest run states.
pub(crate) fn payload(manifest: Vec<u8>, releases: Vec<ReleaseProof>) -> ReceiptPayload {
    let input = |text: &str, release| InputRecord {
        name: name(text),
        sha256: Sha256Digest::new([0xaa; 32]),
        size: 1000,
        release,
    };
    ReceiptPayload {
        run: [0x11; 32],
        manifest,
        exit: 0,
        host_time: NOW,
        inputs: vec![input("hospital-a", 0), input("hospital-b", 1)],
        outputs: vec![OutputRecord {
            name: name("model"),
            sha256: Sha256Digest::new([0xbb; 32]),
            size: 2000,
        }],
        releases,
    }
}

/// The pins of somebody who trusts this world.
pub(crate) fn pins(world: &World) -> Pins {
    Pins {
        platforms: vec![world.policy()],
        programs: BTreeSet::from([world.program]),
        brokers: BTreeSet::from([world.id()]),
    }
}

/// A receipt of this world's run and platform over any payload.
pub(crate) fn receipt(world: &World, payload: &ReceiptPayload) -> Vec<u8> {
    let draft = ReceiptDraft::new(&world.keys, payload).unwrap();
    draft.finish(&world.evidence(draft.report_data()))
}
