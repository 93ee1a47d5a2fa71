//! What anybody can send leaves no trace.

use adyton_crypto::{os_rng, sign_labelled};
use adyton_tee_software::PlatformKey;
use adyton_types::ErrorClass;

use crate::support::{Shape, World};

#[test]
fn nothing_is_recorded_of_what_does_not_verify() {
    let mut world = World::new();
    let good = world.request(world.challenge(), &[("a", "study")], &Shape::default());
    let before = world.store.snapshot();
    let class = |world: &World, bytes: &[u8]| {
        let now = world.now.get();
        let result = world
            .engine
            .release(&world.store, bytes, now, &mut os_rng());
        let class = result.unwrap_err().class();
        assert_eq!(world.store.snapshot(), before);
        class
    };
    assert_eq!(class(&world, b""), ErrorClass::Malformed);
    assert_eq!(class(&world, &vec![0; 3 << 20]), ErrorClass::Malformed);
    let bytes = good.request();
    for at in (0..bytes.len()).step_by(41) {
        let mut altered = bytes.to_vec();
        altered[at] ^= 1;
        class(&world, &altered);
    }
    let signed = sign_labelled(
        "x",
        &adyton_crypto::SigningKey::generate(&mut os_rng()),
        b"",
    );
    assert_eq!(class(&world, &signed), ErrorClass::Malformed);

    // An old token, and one of another broker.
    world.later(61);
    assert_eq!(class(&world, bytes), ErrorClass::Stale);
    let other = World::empty();
    let foreign = other.request(other.challenge(), &[("a", "study")], &Shape::default());
    assert_eq!(class(&world, foreign.request()), ErrorClass::Stale);

    // Evidence whose signature is another platform's does not verify; one of an unknown platform
    // does, and is denied.
    let challenge = world.challenge();
    let ours = world.request(challenge.clone(), &[("a", "study")], &Shape::default());
    world.platform = PlatformKey::generate(&mut os_rng());
    let theirs = world.request(challenge, &[("a", "study")], &Shape::default());
    let mixed = mix(ours.request(), theirs.request());
    assert_ne!(class(&world, &mixed), ErrorClass::Misuse);
}

/// The first request with the second's last byte: a signature that is not its own.
fn mix(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut mixed = one.to_vec();
    let tail = one.len().min(other.len()) / 2;
    let (from, to) = (other.len() - tail, mixed.len() - tail);
    mixed[to..].copy_from_slice(&other[from..]);
    mixed
}
