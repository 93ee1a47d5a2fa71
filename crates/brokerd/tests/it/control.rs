use adyton_broker::{AdminCommand, AdminReply, MAX_ENTRIES_AT_ONCE};
use adyton_brokerd::{BrokerdError, Control};
use adyton_crypto::SecretBytes;
use adyton_merkle::{Tile, leaf_hash};
use adyton_types::ErrorClass;

use crate::enclave::Enclave;
use crate::world::{NOW, World, allow, document, files, log, put};

/// What an owner does, either way; `before` values were put already.
fn own(control: &mut Control, before: u64) {
    let enclave = Enclave::new();
    put(control, "s", b"one");
    put(control, "s", b"two");
    allow(control, document("s", &enclave.platform, 3));
    let name = || "s".parse().unwrap();
    let Ok(AdminReply::Secrets(shown)) = control.execute(AdminCommand::SecretShow { name: name() })
    else {
        panic!("not shown");
    };
    assert_eq!(shown[0].version, before + 2);
    assert_eq!(shown[0].max_releases, 3);
    let Ok(AdminReply::Secrets(listed)) = control.execute(AdminCommand::SecretList) else {
        panic!("not listed");
    };
    assert_eq!(listed, shown);
    let delete = AdminCommand::SecretDelete { name: name() };
    assert!(matches!(
        control.execute(delete),
        Ok(AdminReply::Recorded { .. })
    ));
    let error = control
        .execute(AdminCommand::PolicyShow {
            secret: "nobody".parse().unwrap(),
        })
        .unwrap_err();
    assert_eq!(error.class(), ErrorClass::Rejected);
    assert!(error.to_string().contains("nobody"), "{error}");
    let empty = AdminCommand::SecretPut {
        name: name(),
        value: SecretBytes::new(Vec::new()),
        note: String::new(),
    };
    assert_eq!(
        control.execute(empty).unwrap_err().class(),
        ErrorClass::Malformed
    );
}

#[test]
fn commands_do_the_same_with_and_without_a_daemon() {
    let world = World::empty();
    let mut direct = world.control();
    own(&mut direct, 0);
    let status = direct.status().unwrap();
    assert_eq!((status.listening, status.since), (None, None));
    drop(direct);
    let daemon = world.start();
    let mut through = world.control();
    assert!(through.is_running());
    own(&mut through, 2);
    let status = through.status().unwrap();
    assert_eq!(status.id, daemon.card().id());
    assert_eq!(status.origin, "broker.test/log");
    assert_eq!(status.listening, Some(daemon.address()));
    assert_eq!(status.since.map(|at| at.as_secs()), Some(NOW));
    let words: Vec<_> = log(&mut through)
        .iter()
        .map(|leaf| format!("{} {}", leaf.leaf_type, leaf.detail))
        .collect();
    let once = ["secret put", "secret put", "policy put", "secret delete"];
    assert_eq!(words[..4], once);
    assert_eq!(words[4], "boot ");
    assert_eq!(words[5..], once);
    assert!(status.generation >= 9);
    daemon.stop();
    let error = through.status().unwrap_err();
    assert_eq!(error.class(), ErrorClass::Unavailable);
}

#[test]
fn a_full_page_of_the_log_fits_into_one_message() {
    let world = World::empty();
    let daemon = world.start();
    let mut control = world.control();
    let large = SecretBytes::new(vec![7; 64 << 10]);
    control
        .execute(AdminCommand::SecretPut {
            name: "large".parse().unwrap(),
            value: large,
            note: "n".repeat(256),
        })
        .unwrap();
    for _ in 0..MAX_ENTRIES_AT_ONCE {
        put(&mut control, "s", b"value");
    }
    let reply = control.execute(AdminCommand::Log {
        from: 1,
        limit: u64::MAX,
    });
    let Ok(AdminReply::Log { entries, .. }) = reply else {
        panic!("{reply:?}");
    };
    assert_eq!(entries.len() as u64, MAX_ENTRIES_AT_ONCE);
    daemon.stop();
}

/// Reads an export as any C2SP tool would, from the files alone.
fn verify_export(dir: &std::path::Path, log: &adyton_merkle::LogVerifier) -> u64 {
    let checkpoint = std::fs::read_to_string(dir.join("checkpoint")).unwrap();
    let checkpoint = log.open(&checkpoint).unwrap();
    let mut entries = Vec::new();
    let tiles = adyton_merkle::tiles_at(checkpoint.size, 0);
    for tile in &tiles {
        let bytes = std::fs::read(dir.join(tile.to_string())).unwrap();
        if tile.kind == adyton_merkle::TileKind::Entries {
            let bundle = adyton_merkle::decode_entry_bundle(&bytes).unwrap();
            entries.extend(bundle.iter().map(|entry| leaf_hash(entry)));
        } else {
            assert_eq!(bytes.len(), usize::from(tile.width) * 32);
        }
    }
    assert_eq!(entries.len() as u64, checkpoint.size);
    let mut tree = adyton_merkle::Frontier::new();
    for leaf in entries {
        tree.append(leaf);
    }
    assert_eq!(tree.root(), checkpoint.root);
    let first: Tile = tiles[1].to_string().parse().unwrap();
    assert_eq!(first, tiles[1]);
    checkpoint.size
}

#[test]
fn an_export_follows_no_link_that_somebody_put_in_its_place() {
    let world = World::empty();
    let mut control = world.control();
    put(&mut control, "s", b"value");
    let to = world.dir.path().join("log");
    let precious = world.dir.path().join("precious");
    std::fs::create_dir(&to).unwrap();
    std::fs::write(&precious, "what it was").unwrap();
    std::os::unix::fs::symlink(&precious, to.join("checkpoint.new")).unwrap();
    control.export_log(&to).unwrap();
    assert_eq!(std::fs::read(&precious).unwrap(), b"what it was");
    assert_eq!(verify_export(&to, control.card().log()), 1);
}

#[test]
fn a_broker_of_another_user_is_not_opened() {
    let world = World::empty();
    let root_key = world.path().join("broker.key");
    assert!(root_key.is_file());
    for theirs in [world.path(), root_key] {
        if std::os::unix::fs::chown(&theirs, Some(1), None).is_err() {
            eprintln!("skipped: giving a file away takes root");
            return;
        }
        let opened = Control::open(&world.path()).and_then(|mut control| control.status());
        let error = opened.unwrap_err();
        assert!(
            matches!(&error, BrokerdError::Owner { path, found: 1, .. } if *path == theirs),
            "{error}"
        );
        std::os::unix::fs::chown(&theirs, Some(0), None).unwrap();
    }
    world.control().status().unwrap();
}

#[test]
fn the_log_is_exported_as_files_that_anyone_can_check() {
    let world = World::empty();
    let mut control = world.control();
    let to = world.dir.path().join("out/log");
    for _ in 0..3 {
        put(&mut control, "s", b"value");
    }
    let export = control.export_log(&to).unwrap();
    assert_eq!((export.size, export.files), (3, 3));
    assert_eq!(verify_export(&to, control.card().log()), 3);
    // 300 entries: a full tile, a partial one, and the level above.
    for _ in 3..300 {
        put(&mut control, "s", b"value");
    }
    drop(control);
    let daemon = world.start();
    let mut control = world.control();
    let export = control.export_log(&to).unwrap();
    assert_eq!(export.size, 301);
    assert_eq!(verify_export(&to, control.card().log()), 301);
    let names: Vec<_> = files(&to);
    let names: Vec<_> = names.iter().filter_map(|name| name.to_str()).collect();
    for name in [
        "tile/0/000",
        "tile/0/001.p/45",
        "tile/1/000.p/1",
        "tile/entries/000",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(names.iter().all(|name| !name.ends_with(".new")));
    // Nothing new: the checkpoint alone.
    assert_eq!(control.export_log(&to).unwrap().files, 1);
    daemon.stop();
}

#[test]
fn an_export_never_follows_another_log_or_an_older_copy() {
    let world = World::empty();
    let mut control = world.control();
    put(&mut control, "s", b"value");
    drop(control);
    let copy = world.dir.path().join("copy.redb");
    std::fs::copy(world.path().join("store.redb"), &copy).unwrap();
    let mut control = world.control();
    let to = world.dir.path().join("log");
    put(&mut control, "s", b"value");
    control.export_log(&to).unwrap();
    drop(control);

    // The disk is put back to yesterday, and goes on from there differently.
    std::fs::copy(&copy, world.path().join("store.redb")).unwrap();
    let mut control = world.control();
    let error = control.export_log(&to).unwrap_err();
    assert!(matches!(error, BrokerdError::OtherLog { .. }), "{error}");
    put(&mut control, "t", b"value");
    put(&mut control, "t", b"value");
    let error = control.export_log(&to).unwrap_err();
    assert!(matches!(error, BrokerdError::OtherLog { .. }), "{error}");
    assert_eq!(error.class(), ErrorClass::Rejected);

    let other = World::empty();
    let error = other.control().export_log(&to).unwrap_err();
    assert!(matches!(error, BrokerdError::OtherLog { .. }), "{error}");
}
