use std::os::unix::fs::{MetadataExt as _, PermissionsExt};

use adyton_brokerd::{BrokerdError, Config, Control, Daemon, init};
use adyton_protocol::{Card, LeafType};
use adyton_types::ErrorClass;

use crate::enclave::connect;
use crate::world::{World, count_of, log};

#[test]
fn init_makes_a_private_broker_and_never_overwrites_one() {
    let world = World::empty();
    let mode = |file: &str| world.path().join(file).metadata().unwrap().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    assert_eq!(mode("broker.key"), 0o600);
    assert_eq!(mode("store.redb"), 0o600);
    let before = std::fs::read(world.path().join("broker.key")).unwrap();
    let card = Card::parse(&std::fs::read(world.path().join("card")).unwrap()).unwrap();
    assert_eq!(card.log().origin().as_str(), "broker.test/log");

    let error = init(&world.path(), &"other.test/log".parse().unwrap()).unwrap_err();
    assert!(matches!(error, BrokerdError::Exists { .. }), "{error}");
    assert_eq!(error.class(), ErrorClass::Misuse);
    assert_eq!(
        std::fs::read(world.path().join("broker.key")).unwrap(),
        before
    );

    // An empty directory, such as a volume, is taken.
    let volume = world.dir.path().join("volume");
    std::fs::create_dir(&volume).unwrap();
    let other = init(&volume, &"broker.test/log".parse().unwrap()).unwrap();
    assert_ne!(other.id(), card.id());
}

#[test]
fn a_daemon_keeps_its_identity_and_records_its_starts() {
    let world = World::empty();
    let first = world.start();
    let id = first.card().id();
    assert_eq!(connect(&first.broker_address()).card(), Some(first.card()));
    let socket = world.path().join("admin.sock");
    assert_eq!(socket.metadata().unwrap().mode() & 0o777, 0o600);
    first.stop();
    assert!(!socket.exists());
    let second = world.start();
    assert_eq!(second.card().id(), id);
    second.stop();
    assert_eq!(count_of(&log(&mut world.control()), LeafType::Boot), 2);
}

#[test]
fn an_owner_waits_for_a_command_that_is_about_to_end() {
    let world = World::empty();
    let first = world.control();
    let path = world.path();
    let second = std::thread::spawn(move || Control::open(&path).map(|_| ()));
    std::thread::sleep(std::time::Duration::from_millis(60));
    drop(first);
    second.join().unwrap().unwrap();
}

#[test]
fn one_directory_has_one_process() {
    let world = World::empty();
    let daemon = world.start();
    let error = Daemon::start(&world.config()).unwrap_err();
    assert!(matches!(error, BrokerdError::InUse { .. }), "{error}");
    assert!(world.control().is_running());
    daemon.stop();
    let control = world.control();
    assert!(!control.is_running());
    let error = Daemon::start(&world.config()).unwrap_err();
    assert!(matches!(error, BrokerdError::InUse { .. }), "{error}");
    let error = Control::open(&world.path()).unwrap_err();
    assert!(matches!(error, BrokerdError::InUse { .. }), "{error}");
    drop(control);
    world.start().stop();
}

#[test]
fn a_port_that_is_taken_is_said_so() {
    let world = World::empty();
    let other = World::empty();
    let daemon = other.start();
    let mut config = world.config();
    config.listen = daemon.address();
    let error = Daemon::start(&config).unwrap_err();
    assert!(error.to_string().contains(&daemon.address().to_string()));
    assert_eq!(error.class(), ErrorClass::Unavailable);
    // Nothing was started, so nothing is in the log, and nothing stays locked.
    assert!(log(&mut world.control()).is_empty());
    daemon.stop();
}

#[test]
fn a_directory_that_is_no_whole_broker_is_refused() {
    let world = World::empty();
    let open = || Control::open(&world.path()).unwrap_err();
    let card = world.path().join("card");
    let key = world.path().join("broker.key");
    let (card_bytes, key_bytes) = (std::fs::read(&card).unwrap(), std::fs::read(&key).unwrap());

    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o640)).unwrap();
    assert!(matches!(open(), BrokerdError::NotPrivate { .. }));
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::set_permissions(world.path(), PermissionsExt::from_mode(0o770)).unwrap();
    assert!(matches!(open(), BrokerdError::NotPrivate { .. }));
    std::fs::set_permissions(world.path(), PermissionsExt::from_mode(0o700)).unwrap();

    // Another broker's card, and another broker's key.
    let other = World::empty();
    std::fs::write(&card, std::fs::read(other.path().join("card")).unwrap()).unwrap();
    assert!(matches!(open(), BrokerdError::Identity { .. }));
    std::fs::write(&card, &card_bytes).unwrap();
    std::fs::write(
        &key,
        std::fs::read(other.path().join("broker.key")).unwrap(),
    )
    .unwrap();
    assert_eq!(open().class(), ErrorClass::Rejected);
    std::fs::write(&key, b"no key").unwrap();
    assert!(matches!(open(), BrokerdError::RootKey { .. }));
    std::fs::write(&key, &key_bytes).unwrap();
    drop(world.control());

    std::fs::remove_file(&card).unwrap();
    assert!(matches!(open(), BrokerdError::Unfinished { .. }));
    std::fs::remove_file(&key).unwrap();
    assert!(matches!(open(), BrokerdError::Missing { .. }));
    let nowhere = Config::new(
        world.dir.path().join("nowhere"),
        "127.0.0.1:0".parse().unwrap(),
    );
    let error = Daemon::start(&nowhere).unwrap_err();
    assert!(matches!(error, BrokerdError::Missing { .. }), "{error}");
}

#[test]
fn the_process_can_not_be_dumped() {
    let world = World::empty();
    let daemon = world.start();
    let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
    assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    assert!(matches!(
        rustix::process::dumpable_behavior(),
        Ok(rustix::process::DumpableBehavior::NotDumpable)
    ));
    daemon.stop();
}
