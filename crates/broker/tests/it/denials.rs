use adyton_crypto::os_rng;
use adyton_tee_software::PlatformKey;

use crate::support::{Shape, When, World, claims};

#[test]
fn a_stranger_cannot_fill_the_disk() {
    let mut world = World::new();
    world.platform = PlatformKey::generate(&mut os_rng());
    let shape = Shape::default();
    for _ in 0..70 {
        let asked = world.ask(&shape).unwrap();
        assert_eq!(claims(asked), ["platform.platform-id"]);
    }
    assert_eq!(world.log().len(), 62);
    let full = world.store.snapshot();
    world.ask(&shape).unwrap();
    assert_eq!(world.store.snapshot(), full, "not a byte more");
    // The next hour's first denial says how many were left out, once it can be written.
    world.store.fail_next(When::BeforeCommit);
    assert!(world.later(3600).ask(&shape).is_err());
    world.ask(&shape).unwrap();
    assert_eq!(
        world.log_words().last().unwrap(),
        "deny platform.platform-id (11 earlier denials not recorded)"
    );
    world.later(60).ask(&shape).unwrap();
    let last = world.log_words().pop().unwrap();
    assert_eq!(last, "deny platform.platform-id");
}

#[test]
fn strangers_do_not_silence_the_record_of_accepted_platforms() {
    let mut world = World::new();
    let ours = std::mem::replace(&mut world.platform, PlatformKey::generate(&mut os_rng()));
    for _ in 0..61 {
        world.ask(&Shape::default()).unwrap();
    }
    let before = world.log().len();
    world.platform = ours;
    let mut shape = Shape::default();
    shape.program[0] ^= 1;
    assert_eq!(claims(world.ask(&shape).unwrap()), ["program"]);
    assert_eq!(world.log().len(), before + 1);
}
