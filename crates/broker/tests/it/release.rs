use adyton_broker::{AdminCommand, AdminReply, Effect};
use adyton_crypto::os_rng;
use adyton_merkle::{Tile, decode_entry_bundle, tiles_at};
use adyton_protocol::{LeafType, leaf_salt, policy_commitment, secret_commitment};
use adyton_types::{ErrorClass, TeeKind};

use crate::support::{Asked, PROGRAM, Shape, When, World, name};

#[test]
fn a_release_is_in_the_log_with_everything_about_it() {
    let world = World::new();
    let pending = world.request(world.challenge(), &[("a", "study")], &Shape::default());
    assert!(matches!(world.send(&pending), Ok(Asked::Released(_))));
    assert_eq!(world.log_words(), ["secret put", "policy put", "release"]);
    let leaf = world.log().pop().unwrap();
    let shown = world.admin(&AdminCommand::SecretShow { name: name("a") });
    let Ok(AdminReply::Secrets(shown)) = shown else {
        panic!("not shown");
    };
    assert_eq!(leaf.leaf_type, LeafType::Release);
    assert_eq!(leaf.request, Some(*pending.digest()));
    let salt = leaf_salt(&shown[0].salt, 2);
    assert_eq!(leaf.secret, Some(secret_commitment(&salt, &name("a"))));
    assert_eq!(leaf.version, Some(1));
    let document = shown[0].policy.unwrap();
    assert_eq!(leaf.policy, Some(policy_commitment(&salt, &document)));
    assert_eq!(leaf.time, world.now.get());
    assert_eq!(leaf.program.unwrap().as_bytes(), &PROGRAM);
    let platform = leaf.platform.unwrap();
    assert_eq!(platform.kind, TeeKind::Software);
    let executable = Shape::default().executable;
    assert_eq!(platform.measurement.as_bytes(), &executable);
    assert_eq!(
        platform.id.as_bytes(),
        world.platform.fingerprint().as_bytes()
    );
}

#[test]
fn what_opens_one_leaf_opens_no_other() {
    let world = World::new();
    let mut proofs = Vec::new();
    for _ in 0..2 {
        let pending = world.request(world.challenge(), &[("a", "study")], &Shape::default());
        let effect = world.release(&pending).unwrap();
        let Effect::Answer(answer) = effect else {
            panic!("denied");
        };
        let (_, mut proof, _) = pending.open(&answer).unwrap().into_parts();
        proofs.push(proof.remove(0));
    }
    let [one, two] = proofs.as_slice() else {
        panic!("two releases");
    };
    assert_eq!((&one.secret, one.policy), (&two.secret, two.policy));
    assert_ne!(one.leaf.secret, two.leaf.secret);
    assert_ne!(one.leaf.policy, two.leaf.policy);
    assert_ne!(one.salt, two.salt);
    // To whom the owner's own salt is known, both are open.
    let reply = world.admin(&AdminCommand::SecretShow { name: name("a") });
    let Ok(AdminReply::Secrets(shown)) = reply else {
        panic!("not shown");
    };
    for proof in [one, two] {
        assert_eq!(leaf_salt(&shown[0].salt, proof.index), proof.salt);
        assert_ne!(proof.salt, shown[0].salt);
    }
}

#[test]
fn the_newest_version_is_released() {
    let world = World::new();
    assert_eq!(world.put("a", b"value-2"), 2);
    let Ok(Asked::Released(released)) = world.ask(&Shape::default()) else {
        panic!("denied");
    };
    assert_eq!(released[0].0, b"value-2");
    assert_eq!(world.log().pop().unwrap().version, Some(2));
}

#[test]
fn when_the_store_fails_nothing_leaves() {
    let world = World::new();
    let before = world.store.snapshot();
    world.store.fail_next(When::BeforeCommit);
    let error = world.ask(&Shape::default()).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Unavailable);
    assert_eq!(world.store.snapshot(), before);
    // A denial that cannot be recorded is no denial either.
    let mut shape = Shape::default();
    shape.program[0] ^= 1;
    world.store.fail_next(When::BeforeCommit);
    let error = world.ask(&shape).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Unavailable);
    assert_eq!(world.store.snapshot(), before);
}

#[test]
fn concurrent_requests_share_one_budget() {
    let world = World::new();
    let requests: Vec<_> = (0..8)
        .map(|_| world.request(world.challenge(), &[("a", "study")], &Shape::default()))
        .collect();
    let (engine, store, now) = (&world.engine, &world.store, world.now.get());
    let released = std::thread::scope(|scope| {
        let workers: Vec<_> = requests
            .iter()
            .map(|request| {
                scope.spawn(move || {
                    let effect = engine.release(store, request.request(), now, &mut os_rng());
                    matches!(effect, Ok(adyton_broker::Effect::Answer(_)))
                })
            })
            .collect();
        let done = workers.into_iter().map(|worker| worker.join());
        done.filter(|released| matches!(released, Ok(true))).count()
    });
    assert_eq!(released, 3);
    assert_eq!(world.count(), 3);
    assert_eq!(world.log().len(), 10);
}

#[test]
fn the_log_is_served_as_static_files() {
    let world = World::new();
    let log = world.log();
    let tile = |path: &str| {
        let tile: Tile = path.parse().unwrap();
        world.engine.tile(&world.store, &tile).unwrap()
    };
    let bundle = tile("tile/entries/000.p/2").unwrap();
    let entries = decode_entry_bundle(&bundle).unwrap();
    assert_eq!(entries, [log[0].encode(), log[1].encode()]);
    assert_eq!(tile("tile/0/000.p/2").unwrap().len(), 64);
    assert_eq!(tile("tile/0/000.p/3"), None);
    assert_eq!(tile("tile/1/000.p/1"), None);
    assert_eq!(tile("tile/7/x999/x999/x999/999"), None);
    for each in tiles_at(2, 0) {
        assert!(world.engine.tile(&world.store, &each).unwrap().is_some());
    }
    let checkpoint = world.engine.checkpoint(&world.store).unwrap();
    let checkpoint = world.engine.card().log().open(&checkpoint).unwrap();
    assert_eq!(checkpoint.size, 2);
}
