use adyton_appraisal::{HardwareRules, Measurements, PlatformPolicy};
use adyton_crypto::{KemKeyPair, SigningKey, os_rng};
use adyton_lookup::{ClientError, Greeting, LookupError, Welcome};
use adyton_oblivious::Alone;
use adyton_tee_software::{PlatformKey, SoftwareReport};
use adyton_types::{ErrorClass, Evidence, Protections, ReportData, TeeKind};
use adyton_verifier::VerifyError;

use crate::world::{MEASUREMENT, World, number};

fn evidence(key: &PlatformKey, report_data: ReportData) -> Evidence {
    let report = SoftwareReport::new(report_data, MEASUREMENT, Protections::new());
    Evidence {
        kind: TeeKind::Software,
        bytes: report.sign(key),
    }
}

#[test]
fn a_client_asks_nobody_but_the_measured_program() {
    let mut world = World::with_table(10);
    let rng = &mut os_rng();
    let owner = world.owner.verifying_key().fingerprint();
    let greeting = Greeting::new(rng);
    let good = world.greet(&greeting);
    assert!(
        world
            .verify(&greeting, &good, owner, world.policy())
            .is_ok()
    );

    let other_key = SigningKey::generate(rng).verifying_key();
    let of_other = world.verify(&greeting, &good, other_key.fingerprint(), world.policy());
    assert!(matches!(of_other, Err(ClientError::OtherOwner { .. })));

    let refused = |change: &dyn Fn(&mut Welcome)| {
        let mut welcome = Welcome::parse(&good).unwrap();
        change(&mut welcome);
        let welcome = welcome.encode();
        let verified = world.verify(&greeting, &welcome, owner, world.policy());
        verified.unwrap_err()
    };
    // Each is what an operator would put in place of what the enclave said.
    let kem = KemKeyPair::generate(rng).public().clone();
    for error in [
        refused(&|welcome| welcome.kem = kem.clone()),
        refused(&|welcome| welcome.session[0] ^= 1),
        refused(&|welcome| welcome.terms.quota += 1),
        refused(&|welcome| welcome.terms.window_ms += 1),
    ] {
        assert!(
            matches!(error, ClientError::Evidence(VerifyError::ReportData { .. })),
            "{error}"
        );
        assert_eq!(error.class(), ErrorClass::Rejected);
    }
    let stranger = PlatformKey::generate(rng);
    let report_data = {
        let welcome = Welcome::parse(&good).unwrap();
        let report = adyton_tee_software::verify(&welcome.evidence.bytes).unwrap();
        report.into_claims().report_data
    };
    let error = refused(&|welcome| welcome.evidence = evidence(&stranger, report_data));
    let ClientError::Platform { failed } = error else {
        panic!("{error}");
    };
    assert_eq!(failed[0].claim, "platform-id");
}

#[test]
fn a_platform_that_can_be_anybodys_vouches_for_no_service() {
    let mut world = World::with_table(10);
    let greeting = Greeting::new(&mut os_rng());
    let good = world.greet(&greeting);
    let owner = world.owner.verifying_key().fingerprint();
    // Whoever rents such a machine runs a service of their own there, with the owner's terms.
    let open = HardwareRules::new(TeeKind::Snp, Measurements::Any);
    let open = PlatformPolicy::hardware(open).unwrap();
    let error = world.verify(&greeting, &good, owner, open).unwrap_err();
    assert!(matches!(error, ClientError::Pins(_)), "{error}");
}

#[test]
fn evidence_of_another_hello_is_stale() {
    let mut world = World::with_table(10);
    let (greeting, again) = (Greeting::new(&mut os_rng()), Greeting::new(&mut os_rng()));
    let recorded = world.greet(&greeting);
    let owner = world.owner.verifying_key().fingerprint();
    let verified = world.verify(&again, &recorded, owner, world.policy());
    let error = verified.unwrap_err();
    assert!(matches!(
        error,
        ClientError::Evidence(VerifyError::ReportData { .. })
    ));
}

#[test]
fn a_message_counts_once() {
    let mut world = World::with_table(10);
    let mut client = world.client();
    let one = client.query(&[number(1)], &mut Vec::new()).unwrap();
    let two = client.query(&[number(2)], &mut Vec::new()).unwrap();
    // The second before the first; the first twice; then all is well again.
    assert_eq!(world.send(&two), Err(LookupError::OutOfTurn));
    assert_eq!(world.send(&one), Ok(None));
    assert_eq!(world.send(&one), Err(LookupError::OutOfTurn));
    assert_eq!(world.send(&two), Ok(None));
    assert_eq!(world.send(&two), Err(LookupError::DoesNotOpen));
    assert_eq!(world.engine.run(&Alone, &mut os_rng()).replies.len(), 2);
}

#[test]
fn messages_of_one_session_open_in_no_other() {
    let mut world = World::with_table(10);
    let (mut one, mut two) = (world.client(), world.client());
    let (first, second) = (
        one.query(&[number(1)], &mut Vec::new()),
        two.query(&[number(1)], &mut Vec::new()),
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    // The names of the sessions, exchanged in the two messages.
    let name = |message: &[u8]| {
        let at = message.windows(8).position(|word| word == b"gsession");
        at.unwrap() + 9..at.unwrap() + 25
    };
    let mut crossed = first.clone();
    crossed[name(&first)].copy_from_slice(&second[name(&second)]);
    assert_eq!(world.send(&crossed), Err(LookupError::DoesNotOpen));
    assert_eq!(world.send(&second), Ok(None));
    assert_eq!(world.send(&first), Ok(None));
}

#[test]
fn an_altered_message_is_refused_and_the_session_goes_on() {
    let mut world = World::with_table(10);
    let mut client = world.client();
    let query = client.query(&[number(1)], &mut Vec::new()).unwrap();
    for at in (0..query.len()).step_by(37).chain([query.len() - 1]) {
        let mut altered = query.clone();
        altered[at] ^= 1;
        assert!(world.send(&altered).is_err(), "byte {at}");
        assert!(world.send(&query[..at]).is_err(), "cut at {at}");
    }
    assert_eq!(world.send(&query), Ok(None));
}

#[test]
fn an_answer_is_to_its_question() {
    let mut world = World::with_table(10);
    let mut client = world.client();
    let mut answer = |client: &mut adyton_lookup::ClientSession| {
        let query = client.query(&[number(1)], &mut Vec::new()).unwrap();
        world.send(&query).unwrap();
        let mut ran = world.engine.run(&Alone, &mut os_rng());
        ran.replies.remove(0).answer.unwrap()
    };
    let first = answer(&mut client);
    assert!(client.answer(&first, 1).is_ok());
    let second = answer(&mut client);
    let wrong = client.answer(&first, 1);
    assert!(matches!(wrong, Err(ClientError::Answer)));
    let mut altered = second.clone();
    altered[40] ^= 1;
    assert!(client.answer(&altered, 1).is_err());
    assert!(client.answer(&second, 17).is_err());
    assert!(client.answer(&second, 1).is_ok());
}

#[test]
fn a_query_is_of_a_class_or_refused() {
    let mut world = World::with_table(10);
    let mut client = world.client();
    let keys = vec![number(1); 32_769];
    let found = 32_769;
    let error = client.query(&keys, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, ClientError::TooManyKeys { found: n, .. } if n == found));
    let email = adyton_lookup::KeyKind::Email.parse("a@example.org");
    let error = client
        .query(&[number(1), email.unwrap()], &mut Vec::new())
        .unwrap_err();
    assert!(matches!(error, ClientError::KeyKind { index: 1 }));
}
