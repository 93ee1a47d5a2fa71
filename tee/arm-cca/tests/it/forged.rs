use adyton_codec::Value;
use adyton_pki::KeyKind;
use adyton_pki::forge::ForgeKey;
use adyton_tee_arm_cca::forge::{ForgedKey, ForgedToken, payload};
use adyton_tee_arm_cca::{
    ALL_CHECKS, CcaEndorsements, CcaError, CcaToken, Curve, EcKey, PlatformReference, Wrapping,
    verify,
};
use adyton_types::{ErrorClass, UnixTime};

const NOW: UnixTime = UnixTime::from_secs(150);

fn failed(token: &ForgedToken) -> &'static str {
    failed_bytes(&token.encode(), &token.endorsements())
}

fn failed_bytes(bytes: &[u8], endorsements: &CcaEndorsements) -> &'static str {
    match verify(bytes, endorsements, NOW) {
        Ok(_) => "nothing",
        Err(error) => error.check(),
    }
}

fn bytes(bytes: &[u8]) -> Option<Value<'static>> {
    Some(Value::Bytes(bytes.to_vec().into()))
}

fn text(text: &'static str) -> Option<Value<'static>> {
    Some(Value::text(text))
}

fn platform(key: u64, value: Option<Value<'static>>) -> ForgedToken {
    let mut token = ForgedToken::default();
    ForgedToken::set(&mut token.platform, key, value);
    token
}

fn realm(key: u64, value: Option<Value<'static>>) -> ForgedToken {
    let mut token = ForgedToken::default();
    ForgedToken::set(&mut token.realm, key, value);
    token
}

#[test]
fn an_unchanged_token_verifies_with_every_check() {
    for (cpak, rak) in [
        (Curve::P256, Curve::P384),
        (Curve::P384, Curve::P256),
        (Curve::P521, Curve::P521),
    ] {
        for cmw in [false, true] {
            let mut token = ForgedToken::new(cpak, rak);
            token.cmw = cmw;
            let verified = verify(&token.encode(), &token.endorsements(), NOW).unwrap();
            let made: Vec<_> = verified.checks().iter().map(|check| check.name).collect();
            assert_eq!(made, ALL_CHECKS.map(|check| check.name));
            let claims = verified.into_claims();
            assert_eq!(claims.wrapping == Wrapping::Cmw, cmw);
            assert_eq!(claims.instance, ForgedToken::INSTANCE);
            assert_eq!(claims.report_data.as_bytes(), &[0xab; 64]);
            assert_eq!(claims.initial_measurement, [7; 32]);
            assert_eq!(claims.lifecycle, 0x3003);
            assert_eq!(claims.components.len(), 2);
        }
    }
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    let token = ForgedToken::default();
    let (good, endorsements) = (token.encode(), token.endorsements());
    for at in 0..good.len() {
        let mut altered = good.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(verify(&altered, &endorsements, NOW).is_err(), "byte {at}");
        assert_eq!(
            failed_bytes(&good[..at], &endorsements),
            "form",
            "cut at {at}"
        );
    }
    assert_eq!(
        failed_bytes(&[&good[..], &[0]].concat(), &endorsements),
        "form"
    );
    let long = vec![0; adyton_tee_arm_cca::MAX_TOKEN_BYTES + 1];
    let error = verify(&long, &endorsements, NOW).unwrap_err();
    assert!(matches!(error, CcaError::TooLong { .. }));
}

#[test]
fn only_a_collection_of_two_sign1_is_a_token() {
    let token = ForgedToken::default();
    let endorsements = token.endorsements();
    let platform = token
        .cpak
        .sign1(&payload(&token.platform), Value::Map(vec![]));
    let realm = token.rak.sign1(&payload(&token.realm), Value::Map(vec![]));
    let kid = Value::Map(vec![(Value::Uint(4), Value::bytes(b"kid"))]);
    let with_kid = token.cpak.sign1(&payload(&token.platform), kid);
    let (p, r) = (Value::bytes(&platform), Value::bytes(&realm));
    let map = |entries| Value::Map(entries);
    let tagged = |tag, item| Value::Tag(tag, Box::new(item)).encode();
    let both = vec![
        (Value::Uint(44234), p.clone()),
        (Value::Uint(44241), r.clone()),
    ];
    let mut three = both.clone();
    three.push((Value::Uint(1), p.clone()));
    for (bad, why) in [
        (map(both.clone()).encode(), "untagged"),
        (tagged(400, map(both.clone())), "another tag"),
        (tagged(907, map(both.clone())), "CMW without records"),
        (tagged(399, map(three)), "three labels"),
        (tagged(399, map(both[..1].to_vec())), "no realm token"),
        (tagged(399, map(both[1..].to_vec())), "no platform token"),
        (tagged(399, Value::Array(vec![p, r])), "an array"),
        (
            ForgedToken::wrap(false, &with_kid, &realm),
            "unprotected header",
        ),
        (
            ForgedToken::wrap(false, &platform[1..], &realm),
            "untagged sign1",
        ),
    ] {
        assert_eq!(failed_bytes(&bad, &endorsements), "form", "{why}");
    }
}

#[test]
fn a_claim_set_is_closed_complete_and_typed() {
    let whole = ForgedToken::default();
    for (key, _) in &whole.platform {
        assert_eq!(failed(&platform(*key, None)), "claim-set", "without {key}");
        let null = platform(*key, Some(Value::Null));
        assert_eq!(failed(&null), "claim-set", "null in {key}");
    }
    for (key, _) in &whole.realm {
        // A realm that names no profile is of the legacy one.
        let expected = if *key == 265 { "profiles" } else { "claim-set" };
        assert_eq!(failed(&realm(*key, None)), expected, "without {key}");
        let null = realm(*key, Some(Value::Null));
        assert_eq!(failed(&null), "claim-set", "null in {key}");
    }
    let rems = |lengths: &[usize]| {
        let items = lengths.iter().map(|n| Value::Bytes(vec![0; *n].into()));
        Some(Value::Array(items.collect()))
    };
    for (token, why) in [
        (
            platform(1_234_567, Some(Value::Uint(1))),
            "unknown in platform",
        ),
        (realm(1_234_567, Some(Value::Uint(1))), "unknown in realm"),
        (platform(256, bytes(&[2; 33])), "another type of UEID"),
        (platform(2396, bytes(&[2; 33])), "a long implementation id"),
        (
            platform(2395, Some(Value::Uint(0x1_3003))),
            "a long lifecycle",
        ),
        (platform(2399, Some(Value::Array(vec![]))), "no components"),
        (platform(2402, text("md5")), "unknown hash"),
        (realm(10, bytes(&[1; 32])), "a short challenge"),
        (
            realm(44235, bytes(&[1; 32])),
            "a short personalisation value",
        ),
        (realm(44238, bytes(&[1; 31])), "a short RIM"),
        (realm(44239, rems(&[32, 32, 32])), "three REMs"),
        (realm(44239, rems(&[32, 32, 32, 31])), "a short REM"),
    ] {
        assert_eq!(failed(&token), "claim-set", "{why}");
    }
}

#[test]
fn a_claim_that_is_there_twice_is_refused() {
    let token = ForgedToken::default();
    let mut twice = vec![0xa2];
    for byte in [1, 2] {
        twice.extend_from_slice(&[0x0a, 0x41, byte]);
    }
    let platform = token.cpak.sign1(&twice, Value::Map(vec![]));
    let realm = token.rak.sign1(&payload(&token.realm), Value::Map(vec![]));
    let bad = ForgedToken::wrap(false, &platform, &realm);
    assert_eq!(failed_bytes(&bad, &token.endorsements()), "form");
}

#[test]
fn profiles_go_together_or_not() {
    const LEGACY: &str = "http://arm.com/CCA-SSD/1.0.0";
    const V1: &str = "tag:arm.com,2023:cca_platform#1.0.0";
    const REALM: &str = "tag:arm.com,2023:realm#1.0.0";
    for (of_platform, of_realm, expected) in [
        (LEGACY, None, "nothing"),
        (LEGACY, text(REALM), "nothing"),
        (V1, text(REALM), "nothing"),
        (V1, None, "profiles"),
        (
            "tag:arm.com,2025:cca_platform#2.0.0",
            text(REALM),
            "profiles",
        ),
        (V1, text("tag:arm.com,2025:realm#2.0.0"), "profiles"),
    ] {
        let mut token = platform(265, text(of_platform));
        ForgedToken::set(&mut token.realm, 265, of_realm);
        assert_eq!(failed(&token), expected, "{of_platform}");
    }
}

#[test]
fn endorsements_have_to_be_there_and_in_force() {
    let token = ForgedToken::default();
    for (secs, holds) in [(99, false), (100, true), (200, true), (201, false)] {
        let now = UnixTime::from_secs(secs);
        match verify(&token.encode(), &token.endorsements(), now) {
            Ok(_) => assert!(holds, "{secs}"),
            Err(error) => {
                assert!(!holds, "{secs}");
                assert_eq!(
                    (error.check(), error.class()),
                    ("endorsements", ErrorClass::Stale)
                );
            }
        }
    }
    let none = CcaEndorsements::new(UnixTime::from_secs(0), UnixTime::MAX);
    assert_eq!(failed_bytes(&token.encode(), &none), "platform-key");
    assert_eq!(
        failed(&platform(256, bytes(&[1, 2].repeat(17)[..33]))),
        "platform-key"
    );
    let mut keys_only = none;
    let key = || Ok(token.cpak.public());
    keys_only
        .add_key(ForgedToken::IMPLEMENTATION, ForgedToken::INSTANCE, key())
        .unwrap();
    assert_eq!(
        failed_bytes(&token.encode(), &keys_only),
        "software-components"
    );
    let (implementation, instance) = (ForgedToken::IMPLEMENTATION, ForgedToken::INSTANCE);
    keys_only.add_key(implementation, instance, key()).unwrap();
    let other = Ok(token.rak.public());
    let twice = keys_only.add_key(implementation, instance, other);
    assert!(matches!(twice, Err(CcaError::EndorsedTwice { .. })));
}

#[test]
fn only_the_endorsed_key_and_the_bound_rak_sign() {
    let mut token = ForgedToken::default();
    let endorsements = token.endorsements();
    token.cpak = ForgedKey::generate(Curve::P384);
    assert_eq!(
        failed_bytes(&token.encode(), &endorsements),
        "platform-signature"
    );
    token.cpak = ForgedKey::generate(Curve::P256);
    assert_eq!(
        failed_bytes(&token.encode(), &endorsements),
        "platform-signature"
    );

    let mut token = ForgedToken::default();
    let other = ForgedKey::generate(Curve::P384);
    ForgedToken::set(&mut token.realm, 44237, bytes(&other.to_cose()));
    assert_eq!(failed(&token), "realm-signature");
    ForgedToken::set(&mut token.realm, 44237, bytes(other.public().point()));
    assert_eq!(failed(&token), "realm-key");

    // A realm of another platform: both signatures hold, the binding does not.
    assert_eq!(failed(&platform(10, bytes(&[1; 32]))), "binding");
    let realm_hash = realm(44240, text("sha-512"));
    assert_eq!(failed(&realm_hash), "binding");
}

#[test]
fn the_platform_has_to_be_secured_and_as_referenced() {
    for (state, expected) in [
        (0x2fff, "lifecycle"),
        (0x3000, "nothing"),
        (0x30ff, "nothing"),
        (0x3100, "lifecycle"),
        (0x4000, "lifecycle"),
        (0x6000, "lifecycle"),
    ] {
        let token = platform(2395, Some(Value::Uint(state)));
        assert_eq!(failed(&token), expected, "{state:#x}");
    }
    assert_eq!(
        failed(&platform(2401, bytes(&[0xce; 4]))),
        "platform-config"
    );
    let token = ForgedToken::default();
    let reference = |required: &str, components| {
        let mut endorsements = token.endorsements();
        endorsements.set_reference(
            ForgedToken::IMPLEMENTATION,
            PlatformReference {
                config: vec![0xcf; 4],
                components,
                required: vec![required.to_owned()],
            },
        );
        failed_bytes(&token.encode(), &endorsements)
    };
    let component =
        |kind: &str, byte, version: Option<&str>| adyton_tee_arm_cca::ComponentReference {
            kind: Some(kind.to_owned()),
            measurement: vec![byte; 32],
            signer: vec![9; 32],
            version: version.map(str::to_owned),
        };
    let (bl31, rmm) = (component("AP_BL31", 5, None), component("RMM", 6, None));
    let both = vec![bl31.clone(), rmm.clone(), component("RMM", 8, None)];
    assert_eq!(reference("RMM", both.clone()), "nothing");
    assert_eq!(reference("AP_BL2", both), "software-components");
    assert_eq!(reference("RMM", vec![bl31.clone()]), "software-components");
    let versioned = vec![bl31, component("RMM", 6, Some("1.0"))];
    assert_eq!(reference("RMM", versioned), "software-components");
}

#[test]
fn a_realm_has_measurements_of_one_length_and_a_challenge() {
    assert_eq!(failed(&realm(44238, bytes(&[7; 64]))), "realm-measurements");
    assert_eq!(failed(&realm(10, bytes(&[0; 64]))), "challenge");
}

#[test]
fn keys_are_read_in_each_form_and_no_other() {
    for curve in Curve::ALL {
        let key = ForgedKey::generate(curve).public();
        assert_eq!(EcKey::from_point(key.point()), Ok(key.clone()));
        assert!(EcKey::from_point(&key.point()[1..]).is_err());
    }
    let spki = ForgeKey::generate(KeyKind::P384);
    let key = EcKey::from_spki(spki.spki()).unwrap();
    assert_eq!(key.point(), spki.public().bytes());
    assert!(EcKey::from_spki(&spki.spki()[..60]).is_err());
    let key = ForgedKey::generate(Curve::P384);
    let cose = key.to_cose();
    assert_eq!(EcKey::from_cose(&cose), Ok(key.public()));
    for at in 0..8 {
        let mut altered = cose.clone();
        altered[at] ^= 1;
        assert!(EcKey::from_cose(&altered).is_err(), "byte {at}");
    }
    let mut off = key.public().point().to_vec();
    off[96] ^= 1;
    let mut endorsements = CcaEndorsements::new(NOW, NOW);
    let (implementation, instance) = (ForgedToken::IMPLEMENTATION, ForgedToken::INSTANCE);
    let added = endorsements.add_key(implementation, instance, EcKey::from_point(&off));
    assert!(matches!(added, Err(CcaError::EndorsedKey { .. })));
    let private = r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}"#;
    assert_eq!(EcKey::from_jwk(private), Err("a private key"));
}

#[test]
fn fields_name_every_claim() {
    let bytes = ForgedToken::default().encode();
    let fields = CcaToken::parse(&bytes).unwrap().fields();
    for name in [
        "wrapping",
        "platform.signature",
        "platform.sw-components.1.measurement-type",
        "realm.extensible-measurements.3",
        "realm.challenge",
    ] {
        assert!(fields.iter().any(|field| field.name == name), "{name}");
    }
}
