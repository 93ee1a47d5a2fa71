use adyton_protocol::LeafType;
use adyton_transport::{Answer, BlockingClient};

use crate::enclave::{Asked, Enclave, challenge, connect, send};
use crate::world::{World, allow, count_of, document, log, put, releases};

#[test]
fn an_enclave_gets_its_secrets_with_their_proof() {
    let mut enclave = Enclave::new();
    let world = World::with(&enclave.platform, 10);
    let mut control = world.control();
    let large: Vec<u8> = (0..64 << 10).map(|n: u32| n.to_le_bytes()[0]).collect();
    put(&mut control, "b", &large);
    allow(&mut control, document("b", &enclave.platform, 10));
    drop(control);
    let daemon = world.start();
    let mut client = connect(&daemon.broker_address());
    let pending = enclave.fresh(&mut client, &["b", "a"]);
    let released = send(&mut client, &pending).released();
    let values: Vec<&[u8]> = released.iter().map(|(value, _)| value.as_slice()).collect();
    assert!(values.contains(&b"value of a".as_slice()) && values.contains(&large.as_slice()));
    // `open` has verified answer, card, leaves, inclusion and checkpoint; the log says the same.
    let mut control = world.control();
    assert!(control.is_running());
    let leaves = log(&mut control);
    assert_eq!(count_of(&leaves, LeafType::Release), 2);
    for (_, index) in &released {
        let leaf = &leaves[usize::try_from(*index).unwrap()];
        assert_eq!(leaf.leaf_type, LeafType::Release);
        assert_eq!(leaf.request, Some(*pending.digest()));
    }
    // A second run, over the same connection.
    let pending = enclave.again().fresh(&mut client, &["a"]);
    assert_eq!(send(&mut client, &pending).released()[0].0, b"value of a");
    assert_eq!(releases(&mut control), 2);
    daemon.stop();
}

#[test]
fn many_enclaves_at_once_are_each_counted_once() {
    let enclave = Enclave::new();
    let world = World::with(&enclave.platform, 20);
    let daemon = world.start();
    let address = daemon.broker_address();
    // 24 ask for 20: which four come too late is chance, that it is four is not.
    let outcomes: Vec<bool> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8)
            .map(|_| {
                let (address, platform) = (&address, &enclave.platform);
                scope.spawn(move || {
                    let mut one = Enclave::new();
                    one.platform = clone_of(platform);
                    let mut client = connect(address);
                    let ask = |_| {
                        let pending = one.again().fresh(&mut client, &["a"]);
                        match send(&mut client, &pending) {
                            Asked::Released(_) => true,
                            other => {
                                assert_eq!(other.denied(), ["max-releases"]);
                                false
                            }
                        }
                    };
                    (0..3).map(ask).collect::<Vec<_>>()
                })
            })
            .collect();
        asking
            .into_iter()
            .flat_map(|one| one.join().unwrap())
            .collect()
    });
    assert_eq!(outcomes.iter().filter(|released| **released).count(), 20);
    daemon.stop();
    let mut control = world.control();
    assert_eq!(releases(&mut control), 20);
    let leaves = log(&mut control);
    assert_eq!(count_of(&leaves, LeafType::Release), 20);
}

fn clone_of(key: &adyton_tee_software::PlatformKey) -> adyton_tee_software::PlatformKey {
    adyton_tee_software::PlatformKey::parse(key.encode().expose()).unwrap()
}

#[test]
fn the_checkpoint_is_public_and_signed() {
    let world = World::empty();
    let daemon = world.start();
    let mut client = connect(&daemon.broker_address());
    let answer = client.get("/v1/checkpoint").unwrap();
    assert!(answer.content_type.starts_with("text/plain"));
    let text = String::from_utf8(answer.body).unwrap();
    assert_eq!(daemon.card().log().open(&text).unwrap().size, 1);
    let first = challenge(&mut client);
    assert_eq!(first.card, *daemon.card());
    assert_ne!(first.token, challenge(&mut client).token);
    daemon.stop();
}

#[test]
fn what_is_not_served_is_answered_all_the_same() {
    let world = World::empty();
    let daemon = world.start();
    let mut client = connect(&daemon.broker_address());
    let get = |client: &mut BlockingClient, path: &str| client.get(path).unwrap();
    for path in [
        "/",
        "/v1",
        "/v1/secrets",
        "/v1/challenge/",
        "/v1/..//v1/release",
    ] {
        assert_eq!(get(&mut client, path).status, 404, "{path}");
    }
    assert_eq!(get(&mut client, "/v1/release").status, 405);
    assert_eq!(
        client.post("/v1/challenge", Vec::new()).unwrap().status,
        405
    );
    for garbage in [
        vec![],
        b"{}".to_vec(),
        vec![0xff; 4096],
        vec![0x9b; 1 << 20],
    ] {
        let Answer { status, body, .. } = client.post("/v1/release", garbage).unwrap();
        assert_eq!(status, 400);
        adyton_protocol::ErrorBody::parse(&body).unwrap();
    }
    daemon.stop();
    // Whoever sends garbage writes nothing into the log.
    assert_eq!(log(&mut world.control()).len(), 1);
}
