use adyton_codec::Value;
use adyton_crypto::sha512;
use adyton_protocol::{Binding, Freshness, Role, WireError, receipt_relying_party};
use adyton_types::{ProgramMeasurement, Sha256Digest};

use crate::support::{World, edited};

fn binding() -> Binding {
    let world = World::new(1);
    Binding {
        role: Role::Enclave,
        relying_party: world.id(),
        fresh: Freshness::new(&[1, 2, 3]).unwrap(),
        kem: world.keys.kem().public().clone(),
        signing: world.keys.signing().verifying_key(),
        channel: Some([9; 32]),
        program: world.program,
        ops: Sha256Digest::new([7; 32]),
    }
}

#[test]
fn report_data_is_the_labelled_digest() {
    let bytes = binding().encode();
    let expected = sha512(&[b"adyton/bind/v1\0", &bytes]);
    assert_eq!(binding().report_data().as_bytes(), &expected);
    assert_eq!(Binding::parse(&bytes), Ok(binding()));
}

#[test]
fn every_field_is_in_the_digest() {
    let other = World::new(2);
    let changes: [fn(&mut Binding, &World); 8] = [
        |b, _| b.role = Role::Receipt,
        |b, _| b.relying_party = receipt_relying_party(),
        |b, _| b.fresh = Freshness::new(&[1, 2, 4]).unwrap(),
        |b, other| b.kem = other.keys.kem().public().clone(),
        |b, other| b.signing = other.keys.signing().verifying_key(),
        |b, _| b.channel = None,
        |b, _| b.program = ProgramMeasurement::new([0; 48]),
        |b, _| b.ops = Sha256Digest::new([8; 32]),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut changed = binding();
        change(&mut changed, &other);
        let same = changed.report_data() == binding().report_data();
        assert!(!same, "change {index}");
        assert_eq!(Binding::parse(&changed.encode()), Ok(changed));
    }
}

#[test]
fn another_form_is_refused() {
    let bytes = binding().encode();
    let fields = [
        "role", "rp", "fresh", "kem", "sig", "channel", "program", "ops",
    ];
    for field in fields {
        let missing = edited(&bytes, &[field], None);
        assert!(Binding::parse(&missing).is_err(), "without {field}");
        let other = edited(&bytes, &[field], Some(&Value::Uint(1)));
        assert!(Binding::parse(&other).is_err(), "{field} of another kind");
        let short = edited(&bytes, &[field], Some(&Value::bytes(&[])));
        assert!(Binding::parse(&short).is_err(), "{field} empty");
    }
    let more = edited(&bytes, &["extra"], Some(&Value::Null));
    assert!(Binding::parse(&more).is_err());
    let mut identity = [0; 32];
    identity[0] = 1;
    let weak = edited(&bytes, &["sig"], Some(&Value::bytes(&identity)));
    let error = WireError::PublicKey { field: "sig" };
    assert_eq!(Binding::parse(&weak), Err(error));
    let long = edited(&bytes, &["fresh"], Some(&Value::bytes(&[1; 129])));
    assert!(Binding::parse(&long).is_err());
    let role = edited(&bytes, &["role"], Some(&Value::text("broker")));
    assert!(Binding::parse(&role).is_err());
}

#[test]
fn the_relying_party_of_receipts_is_no_broker() {
    let expected = "1b1712437be562a0187476bed5f5bf3d767e7de484654bf21fd618d13c4bdbb6";
    assert_eq!(receipt_relying_party().to_string(), expected);
    assert_ne!(receipt_relying_party(), World::new(1).id());
}
