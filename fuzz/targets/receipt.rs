#![no_main]
//! A receipt against pins that none can meet: with an even first byte as received, with an odd one
//! the rest is the payload, signed by the key in the binding.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use adyton_appraisal::Judging;
use adyton_codec::Value;
use adyton_crypto::sign_labelled;
use adyton_fuzz::run_keys;
use adyton_protocol::{
    Binding, Freshness, Pins, Role, RunKeys, receipt_relying_party, verify_receipt,
};
use adyton_types::{ProgramMeasurement, Sha256Digest, UnixTime};
use libfuzzer_sys::fuzz_target;

const LABEL: &str = "adyton/receipt/v1";

static KEYS: LazyLock<std::sync::Arc<RunKeys>> = LazyLock::new(run_keys);

fn receipt(payload: &[u8]) -> Vec<u8> {
    let binding = Binding {
        role: Role::Receipt,
        relying_party: receipt_relying_party(),
        fresh: Freshness::new(&[0; 32]).expect("a run's id"),
        kem: KEYS.kem().public().clone(),
        signing: KEYS.signing().verifying_key(),
        channel: None,
        program: ProgramMeasurement::new([8; 48]),
        ops: Sha256Digest::new([0; 32]),
    };
    let binding = binding.encode();
    let sign1 = sign_labelled(LABEL, KEYS.signing(), payload);
    let evidence = [
        ("kind", Value::text("software")),
        ("bytes", Value::bytes(&[0xa0])),
    ];
    Value::map([
        ("v", Value::text(LABEL)),
        ("sign1", Value::bytes(&sign1)),
        (
            "binding",
            Value::decode(&binding).expect("its own encoding"),
        ),
        ("evidence", Value::map(evidence)),
    ])
    .encode()
}

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let pins = Pins {
        platforms: Vec::new(),
        programs: BTreeSet::new(),
        brokers: BTreeSet::new(),
    };
    let now = UnixTime::from_secs(1_800_000_000);
    let verified = if mode % 2 == 0 {
        verify_receipt(rest, &pins, &Judging::default(), now)
    } else {
        verify_receipt(&receipt(rest), &pins, &Judging::default(), now)
    };
    assert!(verified.is_err());
});
