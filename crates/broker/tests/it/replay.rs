use adyton_broker::{AdminCommand, StateTable};
use adyton_types::{ErrorClass, Protection};

use crate::support::{Asked, Shape, When, World, claims, document, name};

const STUDY: [(&str, &str); 1] = [("a", "study")];

#[test]
fn the_same_request_is_answered_again_and_counted_once() {
    let world = World::new();
    let pending = world.request(world.challenge(), &STUDY, &Shape::default());
    let first = world.send(&pending).unwrap();
    assert_eq!(first, Asked::Released(vec![(b"value-1".to_vec(), 2)]));
    // Meanwhile the log grows.
    world.put("b", b"other");
    assert_eq!(world.send(&pending).unwrap(), first);
    assert_eq!(world.later(60).send(&pending).unwrap(), first);
    assert_eq!(world.count(), 1);
    assert_eq!(world.log().len(), 4);
    let error = world.later(1).send(&pending).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Stale);
}

#[test]
fn a_crash_between_commit_and_answer_counts_and_sends_nothing() {
    let world = World::new();
    let pending = world.request(world.challenge(), &STUDY, &Shape::default());
    world.store.fail_next(When::AfterCommit);
    let error = world.send(&pending).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Unavailable);
    assert_eq!(world.count(), 1);
    assert_eq!(world.log_words().last().unwrap(), "release");
    // The broker still runs: the same request gets its answer, without counting again.
    assert!(matches!(world.send(&pending), Ok(Asked::Released(_))));
    assert_eq!(world.count(), 1);
    // After a restart its token is nobody's: the enclave asks anew, and that counts.
    let mut world = world;
    world.restart();
    let error = world.send(&pending).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Stale);
    assert!(matches!(
        world.ask(&Shape::default()),
        Ok(Asked::Released(_))
    ));
    assert_eq!(world.count(), 2);
}

#[test]
fn the_last_unit_of_a_budget_can_be_fetched_again() {
    let world = World::new();
    world.allow(&document("a", &world.platform).replace("max-releases = 3", "max-releases = 1"));
    let pending = world.request(world.challenge(), &STUDY, &Shape::default());
    assert!(matches!(world.send(&pending), Ok(Asked::Released(_))));
    assert!(matches!(world.send(&pending), Ok(Asked::Released(_))));
    assert_eq!(
        claims(world.ask(&Shape::default()).unwrap()),
        ["max-releases"]
    );
}

#[test]
fn another_request_with_the_same_binding_is_a_replay() {
    let world = World::new();
    let challenge = world.challenge();
    let pending = world.request(challenge.clone(), &STUDY, &Shape::default());
    assert!(matches!(world.send(&pending), Ok(Asked::Released(_))));
    let mut shape = Shape::default();
    shape.protections.remove(&Protection::Traced);
    let other = world.request(challenge, &STUDY, &shape);
    assert_ne!(pending.digest(), other.digest());
    assert_eq!(claims(world.send(&other).unwrap()), ["replay"]);
    assert_eq!(world.log_words().last().unwrap(), "deny replay");
    assert_eq!(world.count(), 1);
    assert!(matches!(world.send(&pending), Ok(Asked::Released(_))));
}

#[test]
fn a_repetition_must_still_be_allowed() {
    let world = World::new();
    let pending = world.request(world.challenge(), &STUDY, &Shape::default());
    assert!(matches!(world.send(&pending), Ok(Asked::Released(_))));
    world.put("a", b"value-2");
    assert_eq!(claims(world.send(&pending).unwrap()), ["replay"]);

    let world = World::new();
    let pending = world.request(world.challenge(), &STUDY, &Shape::default());
    assert!(matches!(world.send(&pending), Ok(Asked::Released(_))));
    world.allow(&document("a", &world.platform).replace("max-releases = 3", "max-releases = 4"));
    assert_eq!(claims(world.send(&pending).unwrap()), ["replay"]);
    let secret = name("a");
    world.admin(&AdminCommand::PolicyDelete { secret }).unwrap();
    assert_eq!(claims(world.send(&pending).unwrap()), ["release-document"]);
}

#[test]
fn a_denied_request_is_recorded_once_and_may_be_granted_later() {
    let world = World::new();
    world.allow(&document("a", &world.platform).replace("\"study\"", "\"other\""));
    let pending = world.request(world.challenge(), &STUDY, &Shape::default());
    for _ in 0..3 {
        assert_eq!(claims(world.send(&pending).unwrap()), ["purpose"]);
    }
    assert_eq!(world.log().len(), 4);
    world.allow(&document("a", &world.platform));
    assert!(matches!(world.send(&pending), Ok(Asked::Released(_))));
    assert!(matches!(world.send(&pending), Ok(Asked::Released(_))));
    assert_eq!(world.count(), 1);
}

#[test]
fn what_has_run_out_is_forgotten_and_stays_refused() {
    let world = World::new();
    let many = document("a", &world.platform).replace("max-releases = 3", "max-releases = 1000");
    world.allow(&many);
    let first = world.request(world.challenge(), &STUDY, &Shape::default());
    assert!(matches!(world.send(&first), Ok(Asked::Released(_))));
    let old = world.request(world.challenge(), &STUDY, &Shape::default());
    let verified = world.engine.verify(old.request(), world.now.get()).unwrap();
    for _ in 0..130 {
        world.later(1);
        assert!(matches!(
            world.ask(&Shape::default()),
            Ok(Asked::Released(_))
        ));
    }
    assert!(world.store.rows_of(StateTable::Seen) <= 61 + 64);
    let count = world.count();
    // A request that was verified long ago and waited is refused by the same horizon.
    let error = world.engine.commit(&world.store, verified, world.now.get());
    assert_eq!(error.unwrap_err().class(), ErrorClass::Stale);
    // A clock that goes back brings no token to life again.
    world.at("2026-06-01T00:00:01Z");
    let error = world.send(&first).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Stale);
    assert_eq!(world.count(), count);
}

#[test]
fn a_clock_that_was_ahead_is_got_over_by_a_restart() {
    let mut world = World::new();
    let ask = |world: &World| world.ask(&Shape::default());
    // The machine began with a wrong clock, and the release document kept nobody out.
    let many = document("a", &world.platform)
        .replace("max-releases = 3", "max-releases = 1000")
        .replace("not-after = \"2027", "not-after = \"2099");
    world.allow(&many);
    world.at("2090-01-01T00:00:00Z");
    let ahead = world.request(world.challenge(), &STUDY, &Shape::default());
    for _ in 0..130 {
        assert!(matches!(ask(&world), Ok(Asked::Released(_))));
    }
    world.at("2026-06-01T00:00:00Z");
    world.restart();
    assert!(matches!(ask(&world), Ok(Asked::Released(_))));
    // What was asked for in that time is as stale as ever.
    let error = world.send(&ahead).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Stale);
}
