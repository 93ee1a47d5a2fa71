use adyton_codec::{Value, base64url_decode, base64url_encode};
use adyton_crypto::{SecretArray, SigningKey};
use adyton_ear::{EarError, EarSigningKey, EarVerifyingKey, MAX_TOKEN_BYTES, Pin};
use adyton_types::{ErrorClass, UnixTime};

use crate::support::{NOW, Signers, ear, pin};

fn error(jwt: &str, pin: &Pin) -> EarError {
    pin.verify_jwt(jwt, NOW).unwrap_err()
}

#[test]
fn issuer_audience_and_key_are_pinned() {
    let [ours, other] = Signers::both();
    let (jwt, cwt) = (
        ear().issue_jwt(&ours).unwrap(),
        ear().issue_cwt(&ours).unwrap(),
    );
    for (change, class) in [
        ("issuer", ErrorClass::Rejected),
        ("audience", ErrorClass::Rejected),
        ("key", ErrorClass::Rejected),
        ("algorithm", ErrorClass::Rejected),
    ] {
        let mut wrong = pin(&ours);
        match change {
            "issuer" => wrong.issuer.push('x'),
            "audience" => wrong.audience.push('x'),
            "key" => {
                let seed = SecretArray::fill_with(|bytes| bytes.fill(8));
                let key = SigningKey::from_seed(&seed).verifying_key();
                wrong.key = EarVerifyingKey::ed25519(key);
            }
            _ => wrong.key = other.verifying_key().unwrap(),
        }
        let by_jwt = error(&jwt, &wrong);
        let by_cwt = wrong.verify_cwt(&cwt, NOW).unwrap_err();
        assert_eq!((by_jwt.class(), by_cwt.class()), (class, class), "{change}");
        let name = |error: EarError| format!("{error:?}").split(' ').next().unwrap().to_owned();
        assert_eq!(name(by_jwt), name(by_cwt));
    }
}

#[test]
fn a_token_has_its_time() {
    let [signer, _] = Signers::both();
    let (pin, ear) = (pin(&signer), ear());
    let (jwt, cwt) = (
        ear.issue_jwt(&signer).unwrap(),
        ear.issue_cwt(&signer).unwrap(),
    );
    let at = |secs: u64| {
        let now = UnixTime::from_secs(secs);
        let error = pin.verify_jwt(&jwt, now).err();
        assert_eq!(pin.verify_cwt(&cwt, now).err(), error);
        error
    };
    let (from, until) = (ear.issued_at.as_secs(), ear.expires_at.as_secs());
    assert!(matches!(at(from - 1), Some(EarError::NotYet { .. })));
    assert_eq!((at(from), at(until - 1)), (None, None));
    assert!(matches!(at(until), Some(EarError::Expired { .. })));
    assert_eq!(at(until).unwrap().class(), ErrorClass::Stale);
}

#[test]
fn every_byte_counts() {
    for signer in Signers::both() {
        let pin = pin(&signer);
        let jwt = ear().issue_jwt(&signer).unwrap();
        for at in (0..jwt.len()).step_by(5) {
            let mut altered = jwt.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert!(pin.verify_jwt(&altered, NOW).is_err(), "character {at}");
        }
        assert!(pin.verify_jwt(&(jwt.clone() + "A"), NOW).is_err());
        assert!(pin.verify_jwt(&(jwt + "."), NOW).is_err());
        let cwt = ear().issue_cwt(&signer).unwrap();
        for at in (0..cwt.len()).step_by(3) {
            let mut altered = cwt.clone();
            altered[at] ^= 1;
            assert!(pin.verify_cwt(&altered, NOW).is_err(), "byte {at}");
            assert!(pin.verify_cwt(&cwt[..at], NOW).is_err(), "cut at {at}");
        }
    }
    let [signer, _] = Signers::both();
    let long = "A".repeat(MAX_TOKEN_BYTES + 1);
    assert!(matches!(
        error(&long, &pin(&signer)),
        EarError::TooLong { .. }
    ));
}

/// A JWT with another header or other claims, correctly signed by the pinned key.
fn signed(header: &str, claims: &str) -> String {
    let seed = SecretArray::fill_with(|bytes| bytes.fill(9));
    let key = SigningKey::from_seed(&seed);
    let parts = [
        base64url_encode(header.as_bytes()),
        base64url_encode(claims.as_bytes()),
    ];
    let token = parts.join(".");
    let signature = base64url_encode(&key.sign(token.as_bytes()));
    format!("{token}.{signature}")
}

fn parts(signer: &EarSigningKey) -> (String, String) {
    let jwt = ear().issue_jwt(signer).unwrap();
    let mut parts = jwt.split('.');
    let mut next = || String::from_utf8(base64url_decode(parts.next().unwrap()).unwrap()).unwrap();
    (next(), next())
}

#[test]
fn headers_that_talk_of_keys_or_no_algorithm_are_refused() {
    let [signer, _] = Signers::both();
    let (pin, (header, claims)) = (pin(&signer), parts(&signer));
    assert!(pin.verify_jwt(&signed(&header, &claims), NOW).is_ok());
    let kid = header.replace('}', r#","kid":"a"}"#);
    assert!(pin.verify_jwt(&signed(&kid, &claims), NOW).is_ok());
    for header in [
        r#"{"alg":"none","typ":"JWT"}"#,
        r#"{"alg":"HS256","typ":"JWT"}"#,
        r#"{"alg":"ES256","typ":"JWT"}"#,
    ] {
        let error = error(&signed(header, &claims), &pin);
        assert!(matches!(error, EarError::Algorithm { .. }), "{error}");
    }
    for header in [
        r#"{"alg":"EdDSA","typ":"JWT","jwk":{}}"#,
        r#"{"alg":"EdDSA","typ":"JWT","crit":["exp"]}"#,
        r#"{"alg":"EdDSA","typ":"JWT","b64":false}"#,
        r#"{"alg":"EdDSA","alg":"EdDSA","typ":"JWT"}"#,
        r#"{"typ":"JWT"}"#,
        r#"{"alg":"EdDSA"}"#,
    ] {
        let error = error(&signed(header, &claims), &pin);
        assert!(matches!(error, EarError::Json { .. }), "{header}: {error}");
    }
    let at = r#"{"alg":"EdDSA","typ":"at+jwt"}"#;
    assert!(matches!(
        error(&signed(at, &claims), &pin),
        EarError::Jwt { .. }
    ));
}

#[test]
fn claims_that_are_missing_doubled_or_odd_are_refused() {
    let [signer, _] = Signers::both();
    let (pin, (header, claims)) = (pin(&signer), parts(&signer));
    for (from, to, says) in [
        ("rats/ear#04", "rats/ear#03", "eat_profile"),
        ("\"exp\":", "\"exq\":", "missing field `exp`"),
        (
            "\"exp\":1800000050",
            "\"exp\":\"1800000050\"",
            "invalid type",
        ),
        ("\"exp\":", "\"exp\":1,\"exp\":", "duplicate field `exp`"),
        (
            "\"aud\":\"broker.example\"",
            "\"aud\":[\"broker.example\"]",
            "invalid type",
        ),
        ("contraindicated", "fine", "ear_status"),
        ("contraindicated", "affirming", "ear_status"),
        ("\"executables\":33", "\"executables\":300", "invalid value"),
        (
            "\"executables\":33",
            "\"executable\":33",
            "ear_trustworthiness_vector",
        ),
    ] {
        let altered = claims.replacen(from, to, 1);
        assert_ne!(altered, claims, "{from}");
        let error = error(&signed(&header, &altered), &pin).to_string();
        assert!(error.contains(says), "{from} -> {to}: {error}");
    }
    // What others add is not looked at.
    let more = claims.replacen('{', r#"{"cti":"x","ear_status":"affirming","#, 1);
    assert!(pin.verify_jwt(&signed(&header, &more), NOW).is_ok());
    // `nbf` counts where it is later than `iat`.
    let later = claims.replacen("\"nbf\":1799999990", "\"nbf\":1800000001", 1);
    assert!(matches!(
        error(&signed(&header, &later), &pin),
        EarError::NotYet { .. }
    ));
}

#[test]
fn a_cose_header_holds_the_algorithm_and_no_more() {
    let [signer, _] = Signers::both();
    let seed = SecretArray::fill_with(|bytes| bytes.fill(9));
    let (pin, key) = (pin(&signer), SigningKey::from_seed(&seed));
    let cwt = ear().issue_cwt(&signer).unwrap();
    let Value::Tag(_, sign1) = Value::decode(&cwt).unwrap() else {
        panic!()
    };
    let Value::Array(parts) = *sign1 else {
        panic!()
    };
    let payload = parts[2].clone().into_bytes("payload").unwrap().into_owned();
    let alg = || (Value::Uint(1), Value::Nint(7));
    let make = |protected: Vec<(Value<'_>, Value<'_>)>, unprotected: Vec<_>, tag: u64| {
        let protected = Value::Map(protected).encode();
        let signed = Value::Array(vec![
            Value::text("Signature1"),
            Value::bytes(&protected),
            Value::bytes(&[]),
            Value::bytes(&payload),
        ]);
        let signature = key.sign(&signed.encode());
        let sign1 = Value::Array(vec![
            Value::bytes(&protected),
            Value::Map(unprotected),
            Value::bytes(&payload),
            Value::bytes(&signature),
        ]);
        Value::Tag(tag, Box::new(sign1)).encode()
    };
    let kid = || (Value::Uint(4), Value::bytes(b"k"));
    assert!(
        pin.verify_cwt(&make(vec![alg()], vec![kid()], 18), NOW)
            .is_ok()
    );
    assert!(
        pin.verify_cwt(&make(vec![alg(), kid()], vec![], 18), NOW)
            .is_ok()
    );
    let refused = |token: Vec<u8>| pin.verify_cwt(&token, NOW).unwrap_err();
    let crit = (Value::Uint(2), Value::Array(vec![Value::Uint(99)]));
    let error = refused(make(vec![alg(), crit], vec![], 18));
    assert!(
        matches!(
            error,
            EarError::Claim {
                claim: "header",
                ..
            }
        ),
        "{error}"
    );
    let error = refused(make(vec![], vec![alg()], 18));
    assert!(matches!(error, EarError::Cbor(_)), "{error}");
    let error = refused(make(vec![(Value::Uint(1), Value::Nint(6))], vec![], 18));
    assert!(matches!(error, EarError::Algorithm { .. }), "{error}");
    let error = refused(make(vec![alg()], vec![], 98));
    assert!(matches!(error, EarError::Cbor(_)), "{error}");
}
