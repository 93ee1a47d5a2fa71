use adyton_broker::{AdminCommand, AdminError, AdminReply, ReleaseDocument, SecretInfo};
use adyton_crypto::SecretBytes;
use adyton_protocol::{leaf_salt, policy_commitment};
use adyton_types::ErrorClass;

use crate::support::{Shape, World, document, name};

fn list(world: &World) -> Vec<SecretInfo> {
    match world.admin(&AdminCommand::SecretList) {
        Ok(AdminReply::Secrets(secrets)) => secrets,
        other => panic!("{other:?}"),
    }
}

#[test]
fn lists_show_everything_but_values() {
    let world = World::new();
    world.put("b", b"hunter2");
    world.put("b", b"hunter3");
    world.ask(&Shape::default()).unwrap();
    let secrets = list(&world);
    let names: Vec<_> = secrets.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!((secrets[0].releases, secrets[0].max_releases), (1, 3));
    assert!(secrets[0].policy.is_some());
    assert_eq!((secrets[1].version, secrets[1].policy), (2, None));
    assert_eq!(secrets[1].note, "a.age");
    assert_ne!(secrets[0].salt, secrets[1].salt);
    let reply = AdminReply::Secrets(secrets).encode();
    assert!(!reply.windows(7).any(|w| w == b"hunter3"));
}

#[test]
fn versions_and_salt_outlive_a_deletion() {
    let world = World::new();
    let salt = list(&world)[0].salt;
    let delete = || AdminCommand::SecretDelete { name: name("a") };
    world.admin(&delete()).unwrap();
    assert!(matches!(
        world.admin(&delete()),
        Err(AdminError::NoSecret { .. })
    ));
    let secret = name("a");
    world.admin(&AdminCommand::PolicyDelete { secret }).unwrap();
    assert!(list(&world).is_empty());
    assert_eq!(world.put("a", b"again"), 2);
    assert_eq!(list(&world)[0].salt, salt);
    let details = [
        "secret put",
        "policy put",
        "secret delete",
        "policy delete",
        "secret put",
    ];
    assert_eq!(world.log_words(), details);
    let versions: Vec<_> = world.log().iter().map(|leaf| leaf.version).collect();
    assert_eq!(versions, [Some(1), None, Some(1), None, Some(2)]);
}

#[test]
fn policies_are_replaced_shown_and_recorded_by_id() {
    let world = World::new();
    let text = document("a", &world.platform).replace("max-releases = 3", "max-releases = 9");
    let document = world.allow(&text);
    let shown = world.admin(&AdminCommand::PolicyShow { secret: name("a") });
    let expected = AdminReply::Policy {
        document: document.clone(),
        releases: 0,
    };
    assert_eq!(shown.unwrap(), expected);
    let salt = leaf_salt(&list(&world)[0].salt, 2);
    let commitment = policy_commitment(&salt, &document.id());
    assert_eq!(world.log().pop().unwrap().policy, Some(commitment));
    let missing = world.admin(&AdminCommand::PolicyShow { secret: name("b") });
    assert_eq!(missing.unwrap_err().class(), ErrorClass::Rejected);
    let missing = world.admin(&AdminCommand::PolicyDelete { secret: name("b") });
    assert!(matches!(missing, Err(AdminError::NoDocument { .. })));
    let missing = world.admin(&AdminCommand::SecretShow { name: name("b") });
    assert!(matches!(missing, Err(AdminError::NoSecret { .. })));
}

#[test]
fn limits() {
    let world = World::empty();
    let put = |len: usize, note: &str| {
        world.admin(&AdminCommand::SecretPut {
            name: name("a"),
            value: SecretBytes::new(vec![7; len]),
            note: note.to_owned(),
        })
    };
    assert!(matches!(put(0, ""), Err(AdminError::SecretLength { .. })));
    assert!(matches!(
        put(65_537, ""),
        Err(AdminError::SecretLength { .. })
    ));
    assert!(matches!(
        put(1, &"x".repeat(257)),
        Err(AdminError::NoteLength { .. })
    ));
    assert!(put(65_536, &"x".repeat(256)).is_ok());
}

#[test]
fn commands_round_trip_and_others_are_refused() {
    let world = World::empty();
    let document: ReleaseDocument = document("a", &world.platform).parse().unwrap();
    let a = || name("a");
    for command in [
        AdminCommand::SecretPut {
            name: a(),
            value: SecretBytes::new(vec![1]),
            note: String::new(),
        },
        AdminCommand::SecretDelete { name: a() },
        AdminCommand::SecretList,
        AdminCommand::SecretShow { name: a() },
        AdminCommand::PolicyPut { document },
        AdminCommand::PolicyDelete { secret: a() },
        AdminCommand::PolicyShow { secret: a() },
        AdminCommand::Log { from: 3, limit: 4 },
    ] {
        let bytes = command.encode();
        let again = AdminCommand::parse(bytes.expose()).unwrap();
        assert_eq!(again.encode(), bytes);
        assert!(AdminCommand::parse(&bytes.expose()[1..]).is_err());
        let renamed = String::from_utf8_lossy(bytes.expose()).contains("command");
        assert!(renamed);
    }
    let bytes = AdminReply::Secrets(Vec::new()).encode();
    assert!(AdminCommand::parse(&bytes).is_err());
    assert!(AdminReply::parse(AdminCommand::SecretList.encode().expose()).is_err());
}

#[test]
fn a_start_is_recorded() {
    let mut world = World::empty();
    world.restart();
    world.restart();
    assert_eq!(world.log_words(), ["boot", "boot"]);
}
