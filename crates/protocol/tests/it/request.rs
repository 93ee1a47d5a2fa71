use adyton_codec::Value;
use adyton_crypto::{KemPublicKey, SigningKey, sha256};
use adyton_protocol::{AnswerError, ReleaseDraft, Request, RequestError, TokenError};
use adyton_types::{ReportData, UnixTime};

use crate::support::{FixedRng, NOW, Refusal, World, edited, names, resigned_request};

fn refused(world: &World, bytes: &[u8]) -> Option<Refusal> {
    world.admit(bytes).err()
}

/// The request after `field` of the binding was changed and the request signed anew by its key.
fn with_binding(world: &mut World, field: &str, to: &Value<'_>) -> Vec<u8> {
    let pending = world.ask();
    let changed = edited(pending.request(), &["binding", field], Some(to));
    resigned_request(&changed, world.keys.signing())
}

#[test]
fn an_honest_request_is_admitted() {
    let mut world = World::new(1);
    let pending = world.ask();
    let (request, appraised) = world.admit(pending.request()).unwrap();
    assert_eq!(request.digest(), pending.digest());
    assert_eq!(request.digest().as_bytes(), &sha256(&[pending.request()]));
    assert_eq!(request.operations(), &names(&["hospital-a", "hospital-b"]));
    assert_eq!(appraised.report_data(), &request.binding().report_data());
}

#[test]
fn every_binding_field_is_held_by_one_check() {
    let mut world = World::new(1);
    let other = World::new(2);
    let request = |error| Some(Refusal::Request(error));

    let role = with_binding(&mut world, "role", &Value::text("receipt"));
    assert_eq!(refused(&world, &role), request(RequestError::Role));
    let channel = with_binding(&mut world, "channel", &Value::bytes(&[1; 32]));
    assert_eq!(refused(&world, &channel), request(RequestError::Channel));
    let ops = with_binding(&mut world, "ops", &Value::bytes(&[1; 32]));
    assert_eq!(refused(&world, &ops), request(RequestError::Operations));
    let (expected, found) = (world.id(), other.id());
    let rp = with_binding(&mut world, "rp", &Value::bytes(found.as_bytes()));
    let error = RequestError::RelyingParty { expected, found };
    assert_eq!(refused(&world, &rp), request(error));
    let foreign = World::new(2).token();
    let fresh = with_binding(&mut world, "fresh", &Value::bytes(foreign.as_bytes()));
    let error = RequestError::Token(TokenError::Foreign);
    assert_eq!(refused(&world, &fresh), request(error));
    // A fresh token that is not the one in the Evidence: old Evidence in a new request.
    let token = world.token();
    let fresh = with_binding(&mut world, "fresh", &Value::bytes(token.as_bytes()));
    assert_eq!(refused(&world, &fresh), Some(Refusal::Evidence));
    let program = with_binding(&mut world, "program", &Value::bytes(&[1; 48]));
    assert_eq!(refused(&world, &program), Some(Refusal::Evidence));
    let kem = other.keys.kem().public().to_bytes();
    let kem = with_binding(&mut world, "kem", &Value::bytes(&kem));
    assert_eq!(refused(&world, &kem), Some(Refusal::Evidence));
}

#[test]
fn the_attested_key_signs() {
    let mut world = World::new(1);
    let thief = SigningKey::generate(&mut FixedRng::new(7));
    let signature = Some(Refusal::Request(RequestError::Signature));
    // Somebody else's Evidence, own key beside it: not signed by the attested key.
    let pending = world.ask();
    let stolen = resigned_request(pending.request(), &thief);
    assert_eq!(refused(&world, &stolen), signature);
    // Own key in the binding as well: then the Evidence is about another binding.
    let public = thief.verifying_key().to_bytes();
    let changed = edited(
        pending.request(),
        &["binding", "sig"],
        Some(&Value::bytes(&public)),
    );
    assert_eq!(refused(&world, &changed), signature);
    let resigned = resigned_request(&changed, &thief);
    assert_eq!(refused(&world, &resigned), Some(Refusal::Evidence));
}

#[test]
fn evidence_of_others_is_refused() {
    let mut world = World::new(1);
    let pending = world.ask();
    let with = |world: &World, bytes: &[u8]| {
        let changed = edited(
            pending.request(),
            &["evidence", "bytes"],
            Some(&Value::bytes(bytes)),
        );
        let resigned = resigned_request(&changed, world.keys.signing());
        refused(world, &resigned)
    };
    let foreign = world.evidence(ReportData::new([1; 64]));
    assert_eq!(with(&world, &foreign.bytes), Some(Refusal::Evidence));
    let empty = world.evidence(ReportData::new([0; 64]));
    assert_eq!(with(&world, &empty.bytes), Some(Refusal::Evidence));
    // The right report data, signed by a platform key that nobody has pinned.
    let request = Request::parse(pending.request()).unwrap();
    let other = World::new(2).evidence(request.binding().report_data());
    assert_eq!(with(&world, &other.bytes), Some(Refusal::Appraisal));
    let kind = edited(
        pending.request(),
        &["evidence", "kind"],
        Some(&Value::text("snp")),
    );
    let kind = resigned_request(&kind, world.keys.signing());
    assert_eq!(refused(&world, &kind), Some(Refusal::Evidence));
}

#[test]
fn a_request_is_for_one_broker_and_one_minute() {
    let mut world = World::new(1);
    let pending = world.ask();
    let request = Request::parse(pending.request()).unwrap();
    let other = World::new(2);
    let foreign = Err(RequestError::Token(TokenError::Foreign));
    assert_eq!(request.authenticate(&other.tokens, NOW), foreign);
    let later = NOW.plus_secs(61);
    let expired = TokenError::Expired { age_secs: 61 };
    let authenticate = |now| request.authenticate(&world.tokens, now);
    assert_eq!(authenticate(later), Err(RequestError::Token(expired)));
    let earlier = UnixTime::from_secs(NOW.as_secs() - 1);
    assert_eq!(
        authenticate(earlier),
        Err(RequestError::Token(TokenError::Future))
    );
}

#[test]
fn the_enclave_asks_only_the_pinned_broker() {
    let mut world = World::new(1);
    let other = World::new(2);
    let challenge = world.challenge();
    let (expected, found) = (other.id(), world.id());
    let operations = names(&["hospital-a"]);
    let draft = ReleaseDraft::new(&world.keys, expected, challenge, world.program, operations);
    let error = AnswerError::Card { expected, found };
    assert_eq!(draft.map(|_| ()), Err(error));
}

#[test]
fn every_flipped_byte_is_refused() {
    let mut world = World::new(1);
    let pending = world.ask();
    let good = pending.request();
    for i in 0..good.len() {
        let mut altered = good.to_vec();
        altered[i] ^= 1;
        assert!(Request::parse(&altered).is_err(), "byte {i}");
    }
    for i in (0..good.len()).step_by(97) {
        assert!(Request::parse(&good[..i]).is_err(), "cut at {i}");
    }
    assert!(Request::parse(&[good, &[0]].concat()).is_err());
}

#[test]
fn operations_have_their_form() {
    let mut world = World::new(1);
    let pending = world.ask();
    let with = |ops: Vec<Value<'_>>| {
        let changed = edited(pending.request(), &["ops"], Some(&Value::Array(ops)));
        Request::parse(&resigned_request(&changed, world.keys.signing())).is_ok()
    };
    let op = |op: &'static str, secret: &'static str| {
        Value::map([
            ("op", Value::text(op)),
            ("secret", Value::text(secret)),
            ("purpose", Value::text("heart-disease-model")),
        ])
    };
    let (a, b) = (op("release", "hospital-a"), op("release", "hospital-b"));
    assert!(with(vec![a.clone(), b.clone()]));
    assert!(!with(vec![b.clone(), a.clone()]), "another order");
    assert!(!with(vec![]), "none");
    assert!(!with(vec![a.clone(), a.clone()]), "twice");
    assert!(!with(vec![a.clone()]), "fewer");
    assert!(
        !with(vec![a.clone(), op("delete", "hospital-b")]),
        "another op"
    );
    assert!(!with(vec![a, op("release", "Hospital B")]), "no name");
}

#[test]
fn a_kem_key_has_one_encoding() {
    let world = World::new(1);
    let bytes = world.keys.kem().public().to_bytes();
    for i in (0..bytes.len()).step_by(31) {
        let mut altered = bytes.clone();
        altered[i] ^= 1;
        // What decodes at all must encode to what was signed.
        if let Ok(key) = KemPublicKey::from_bytes(&altered) {
            assert_eq!(key.to_bytes(), altered, "byte {i}");
        }
    }
}
