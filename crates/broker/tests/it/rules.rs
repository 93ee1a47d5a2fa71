//! Each rule of a release document, falsified alone: denied with exactly that claim.

use adyton_broker::AdminCommand;
use adyton_crypto::os_rng;
use adyton_tee_software::PlatformKey;
use adyton_types::{Protection, Protections};

use crate::support::{Asked, Shape, World, claims, document, name};

fn denied(world: &World, shape: &Shape) -> Vec<String> {
    let before = world.count();
    let claims = claims(world.ask(shape).expect("a decision"));
    assert_eq!(world.count(), before, "a denial counts nothing");
    let last = world.log_words().pop().expect("a leaf");
    assert_eq!(last, format!("deny {}", claims.join(",")));
    claims
}

#[test]
fn all_rules_hold() {
    let world = World::new();
    let asked = world.ask(&Shape::default()).unwrap();
    assert_eq!(asked, Asked::Released(vec![(b"value-1".to_vec(), 2)]));
}

#[test]
fn program() {
    let mut shape = Shape::default();
    shape.program[47] ^= 1;
    assert_eq!(denied(&World::new(), &shape), ["program"]);
}

#[test]
fn purpose() {
    let world = World::new();
    let operations = [("a", "another")];
    let pending = world.request(world.challenge(), &operations, &Shape::default());
    assert_eq!(claims(world.send(&pending).unwrap()), ["purpose"]);
}

#[test]
fn period() {
    let shape = Shape::default();
    let world = World::new();
    world.at("2025-12-31T23:59:59Z");
    // The engine's clock does not go back, so the earlier time comes with a new engine.
    let world = {
        let mut world = world;
        world.restart();
        world
    };
    assert_eq!(denied(&world, &shape), ["not-before"]);
    let released = |time| matches!(world.at(time).ask(&shape), Ok(Asked::Released(_)));
    assert!(released("2026-01-01T00:00:00Z"), "the first second");
    assert!(released("2027-01-01T00:00:00Z"), "the last second");
    world.at("2027-01-01T00:00:01Z");
    assert_eq!(denied(&world, &shape), ["not-after"]);
}

#[test]
fn max_releases() {
    let world = World::new();
    for _ in 0..3 {
        assert!(matches!(
            world.ask(&Shape::default()),
            Ok(Asked::Released(_))
        ));
    }
    assert_eq!(denied(&world, &Shape::default()), ["max-releases"]);
    // The same document put again is the same document: its count goes on.
    world.allow(&document("a", &world.platform));
    assert_eq!(denied(&world, &Shape::default()), ["max-releases"]);
    world.allow(&document("a", &world.platform).replace("max-releases = 3", "max-releases = 4"));
    assert!(matches!(
        world.ask(&Shape::default()),
        Ok(Asked::Released(_))
    ));
    assert_eq!(world.count(), 1);
}

#[test]
fn platform_measurement_id_and_version() {
    let mut shape = Shape::default();
    shape.executable[0] ^= 1;
    assert_eq!(denied(&World::new(), &shape), ["platform.measurement"]);

    let world = World::new();
    let stranger = PlatformKey::generate(&mut os_rng());
    world.allow(&document("a", &stranger));
    assert_eq!(denied(&world, &Shape::default()), ["platform.platform-id"]);

    let world = World::new();
    world.allow(&document("a", &world.platform).replace("min-svn = 1", "min-svn = 2"));
    assert_eq!(denied(&world, &Shape::default()), ["platform.min-svn"]);
}

#[test]
fn platform_kind() {
    let world = World::new();
    let software = document("a", &world.platform);
    let (head, platform) = software.split_once("[[platform]]").unwrap();
    let platform = platform
        .replace("\"software\"", "\"tpm\"")
        .replace("min-svn = 1", "tcb = {}");
    let platform = platform.split_once("require").unwrap().0;
    world.allow(&format!("{head}[[platform]]{platform}"));
    assert_eq!(denied(&world, &Shape::default()), ["platform.kind"]);
}

#[test]
fn each_protection() {
    let world = World::new();
    for missing in Protection::ALL {
        let mut protections = Protections::from(Protection::ALL);
        protections.remove(&missing);
        let shape = Shape {
            protections,
            ..Shape::default()
        };
        let claim = format!("platform.require.{missing}");
        assert_eq!(denied(&world, &shape), [claim]);
    }
}

#[test]
fn one_of_several_platforms_is_enough() {
    let world = World::new();
    let ours = document("a", &world.platform);
    let other = document("a", &PlatformKey::generate(&mut os_rng()));
    let section = |text: &str| text[text.find("[[platform]]").unwrap()..].to_owned();
    world.allow(&format!("{other}{}", section(&ours)));
    assert!(matches!(
        world.ask(&Shape::default()),
        Ok(Asked::Released(_))
    ));
    let mut shape = Shape::default();
    shape.executable[0] ^= 1;
    assert_eq!(denied(&world, &shape), ["platform-2.measurement"]);
    // All of one platform must hold; halves of two do not add up.
    let halves = section(&ours).replace(&"cd".repeat(32), &"ce".repeat(32));
    world.allow(&format!("{other}{halves}"));
    assert_eq!(denied(&world, &Shape::default()).len(), 1);
}

#[test]
fn every_failed_claim_is_named() {
    let world = World::new();
    let mut shape = Shape::default();
    shape.program[0] ^= 1;
    shape.executable[0] ^= 1;
    shape.protections.remove(&Protection::Traced);
    world.at("2028-01-01T00:00:00Z");
    assert_eq!(
        denied(&world, &shape),
        [
            "program",
            "not-after",
            "platform.measurement",
            "platform.require.traced"
        ]
    );
}

#[test]
fn what_nobody_has_put_and_what_nobody_has_allowed_look_alike() {
    let world = World::new();
    world.put("no-document", b"value");
    world.allow(&document("no-value", &world.platform));
    world.put("deleted", b"value");
    world.allow(&document("deleted", &world.platform));
    let delete = AdminCommand::SecretDelete {
        name: name("deleted"),
    };
    world.admin(&delete).unwrap();
    world.put("withdrawn", b"value");
    world.allow(&document("withdrawn", &world.platform));
    let delete = AdminCommand::PolicyDelete {
        secret: name("withdrawn"),
    };
    world.admin(&delete).unwrap();
    for secret in ["unknown", "no-document", "no-value", "deleted", "withdrawn"] {
        let operations = [(secret, "study")];
        let pending = world.request(world.challenge(), &operations, &Shape::default());
        let claims = claims(world.send(&pending).unwrap());
        assert_eq!(claims, ["release-document"], "{secret}");
        let leaf = world.log().pop().unwrap();
        assert_eq!((leaf.secret, leaf.policy), (None, None), "{secret}");
    }
}

#[test]
fn all_operations_or_none() {
    let world = World::new();
    world.put("b", b"value-b");
    world.allow(&document("b", &world.platform));
    let ask = |operations: &[(&str, &str)]| {
        world.send(&world.request(world.challenge(), operations, &Shape::default()))
    };
    let both = ask(&[("b", "study"), ("a", "study")]).unwrap();
    let both_values = vec![(b"value-b".to_vec(), 4), (b"value-1".to_vec(), 5)];
    assert_eq!(both, Asked::Released(both_values));
    assert_eq!(world.count(), 1);
    let one = ask(&[("a", "study"), ("unknown", "study")]).unwrap();
    assert_eq!(claims(one), ["release-document"]);
    assert_eq!(world.count(), 1, "the other operation was not counted");
}
