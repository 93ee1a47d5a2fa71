use adyton_codec::Value;
use adyton_tee_arm_cca::forge::{ForgedToken, payload};
use adyton_tee_arm_cca::{CcaError, CcaToken, ComponentReference, SwComponent, verify};
use adyton_types::UnixTime;

fn refused(bytes: &[u8], token: &ForgedToken) -> CcaError {
    verify(bytes, &token.endorsements(), UnixTime::from_secs(150)).unwrap_err()
}

#[test]
fn a_reference_value_matches_in_every_field() {
    let component = SwComponent {
        kind: Some("RMM".to_owned()),
        measurement: vec![6; 32],
        signer: vec![9; 32],
        version: Some("1.0".to_owned()),
        hash: None,
    };
    let right = ComponentReference {
        kind: component.kind.clone(),
        measurement: component.measurement.clone(),
        signer: component.signer.clone(),
        version: component.version.clone(),
    };
    assert!(right.matches(&component));
    let changed = |change: fn(&mut ComponentReference)| {
        let mut other = right.clone();
        change(&mut other);
        other.matches(&component)
    };
    // Only the version may be left open.
    assert!(changed(|reference| reference.version = None));
    assert!(!changed(
        |reference| reference.version = Some("1.1".to_owned())
    ));
    assert!(!changed(|reference| reference.kind = None));
    assert!(!changed(|reference| reference.kind = Some("RMX".to_owned())));
    assert!(!changed(|reference| reference.measurement[0] ^= 1));
    assert!(!changed(|reference| reference.signer[0] ^= 1));
    let mut nameless = component.clone();
    nameless.version = None;
    assert!(!right.matches(&nameless));
}

/// A platform's half with this algorithm in its protected header.
fn with_algorithm(algorithm: Value<'static>) -> Vec<u8> {
    let token = ForgedToken::default();
    let claims = payload(&token.platform);
    let protected = Value::Map(vec![(Value::Uint(1), algorithm)]).encode();
    let parts = Value::Array(vec![
        Value::bytes(&protected),
        Value::Map(Vec::new()),
        Value::bytes(&claims),
        Value::bytes(&[7; 96]),
    ]);
    let platform = Value::Tag(18, Box::new(parts)).encode();
    let empty = Value::Map(Vec::new());
    let realm = token.rak.sign1(&payload(&token.realm), empty);
    ForgedToken::wrap(false, &platform, &realm)
}

#[test]
fn an_algorithm_that_is_not_known_is_named() {
    let found = |algorithm| match CcaToken::parse(&with_algorithm(algorithm)) {
        Err(CcaError::Algorithm { found, .. }) => Some(found),
        _ => None,
    };
    assert_eq!(found(Value::Nint(7)), Some(-8));
    assert_eq!(found(Value::Nint(u64::MAX)), Some(-(1_i128 << 64)));
    assert_eq!(found(Value::Uint(5)), Some(5));
    assert_eq!(found(Value::text("ES384")), None);
    assert_eq!(found(Value::Nint(34)), None);
}

#[test]
fn a_claim_that_is_not_known_is_named() {
    let named = |key: Value<'static>| {
        let token = ForgedToken::default();
        let entries = token.platform.iter();
        let entries = entries.map(|(key, value)| (Value::Uint(*key), value.clone()));
        let challenge = (Value::Uint(10), Value::bytes(&[1; 32]));
        let claims = entries.chain([challenge, (key, Value::Uint(1))]);
        let claims = Value::Map(claims.collect()).encode();
        let empty = || Value::Map(Vec::new());
        let platform = token.cpak.sign1(&claims, empty());
        let realm = token.rak.sign1(&payload(&token.realm), empty());
        match refused(&ForgedToken::wrap(false, &platform, &realm), &token) {
            CcaError::UnknownClaim { claim, .. } => claim,
            other => panic!("{other}"),
        }
    };
    assert_eq!(named(Value::Uint(4711)), "4711");
    assert_eq!(named(Value::Nint(4710)), "-4711");
    assert_eq!(named(Value::Text("x".repeat(100).into())), "x".repeat(80));
}

#[test]
fn limits_are_the_last_that_pass() {
    let lifecycle = |state: u64| {
        let mut token = ForgedToken::default();
        ForgedToken::set(&mut token.platform, 2395, Some(Value::Uint(state)));
        refused(&token.encode(), &token).check()
    };
    // Of the right form, and not secured; then too large for the claim.
    assert_eq!(lifecycle(0xffff), "lifecycle");
    assert_eq!(lifecycle(0x1_0000), "claim-set");
    assert_eq!(
        (lifecycle(0x2fff), lifecycle(0x3100)),
        ("lifecycle", "lifecycle")
    );
    let token = ForgedToken::default();
    let too_long = |length: usize| {
        let error = refused(&vec![0; length], &token);
        matches!(error, CcaError::TooLong { .. })
    };
    assert!(!too_long(65_536) && too_long(65_537));
}
