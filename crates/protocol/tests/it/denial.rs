use adyton_appraisal::FailedClaim;
use adyton_crypto::SignedError;
use adyton_protocol::{AnswerError, Denial, Denied, PendingRelease};
use adyton_types::Sha256Digest;

use crate::support::{World, name};

fn denial(world: &mut World, pending: &PendingRelease) -> Denial {
    Denial {
        card: world.card(),
        request: *pending.digest(),
        denied: vec![
            Denied {
                secret: Some(name("hospital-a")),
                failed: FailedClaim::new("measurement", "08", "09"),
            },
            Denied {
                secret: None,
                failed: FailedClaim::new("binding", "not seen before", ""),
            },
        ],
        token: world.token(),
    }
}

#[test]
fn an_honest_denial_names_every_claim() {
    let mut world = World::new(1);
    let pending = world.ask();
    let denial = denial(&mut world, &pending);
    let verified = pending
        .open_denial(&denial.sign(&world.answer_key))
        .unwrap();
    assert_eq!(verified.denied(), denial.denied);
    assert_eq!(verified.token(), &denial.token);
}

#[test]
fn forged_and_foreign_denials_are_refused() {
    let mut world = World::new(1);
    let other = World::new(2);
    let pending = world.ask();
    let honest = denial(&mut world, &pending);
    let label = "adyton/release-denial/v1";
    let forged = pending.open_denial(&honest.sign(&other.answer_key));
    let signature = AnswerError::Signed(SignedError::Signature { label });
    assert_eq!(forged, Err(signature));

    let mut card = honest.clone();
    card.card = other.card();
    let (expected, found) = (world.id(), other.id());
    let refused = pending.open_denial(&card.sign(&world.answer_key));
    assert_eq!(refused, Err(AnswerError::Card { expected, found }));

    let mut request = honest.clone();
    request.request = Sha256Digest::new([1; 32]);
    let refused = pending.open_denial(&request.sign(&world.answer_key));
    assert_eq!(refused, Err(AnswerError::Request));

    let mut none = honest;
    none.denied.clear();
    assert!(pending.open_denial(&none.sign(&world.answer_key)).is_err());

    let answer = world.answer(&pending).sign(&world.answer_key);
    let header = AnswerError::Signed(SignedError::Header { expected: label });
    assert_eq!(pending.open_denial(&answer), Err(header));
}

#[test]
fn every_flipped_byte_is_refused() {
    let mut world = World::new(1);
    let pending = world.ask();
    let good = denial(&mut world, &pending).sign(&world.answer_key);
    for i in 0..good.len() {
        let mut altered = good.clone();
        altered[i] ^= 1;
        assert!(pending.open_denial(&altered).is_err(), "byte {i}");
    }
}

#[test]
fn a_claim_that_is_longer_than_a_denial_hides_no_other() {
    let mut world = World::new(1);
    let pending = world.ask();
    let mut denial = denial(&mut world, &pending);
    denial.denied[0].failed.found = "é".repeat(4096);
    let verified = pending
        .open_denial(&denial.sign(&world.answer_key))
        .unwrap();
    let (long, other) = (&verified.denied()[0], &verified.denied()[1]);
    assert_eq!(long.failed.found, "é".repeat(2048));
    assert_eq!(*other, denial.denied[1]);
}
