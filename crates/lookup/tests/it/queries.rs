use std::time::Duration;

use adyton_crypto::os_rng;
use adyton_lookup::{KeyKind, LookupError, Update};
use adyton_oblivious::Alone;

use crate::world::{World, number, value};

#[test]
fn what_is_in_the_table_is_found_and_nothing_else() {
    let mut world = World::with_table(500);
    let mut client = world.client();
    let keys = [number(3), number(700), number(499), number(3)];
    let found = world.ask(&mut client, &keys).unwrap();
    let expected = [Some(value(3)), None, Some(value(499)), Some(value(3))];
    assert_eq!(found.values, expected);
    assert_eq!(found.epoch, 1);
    assert!(world.ask(&mut client, &[]).unwrap().values.is_empty());
}

#[test]
fn every_kind_of_key_is_looked_up() {
    for (kind, known, unknown) in [
        (KeyKind::Email, "alice@example.org", "bob@example.org"),
        (KeyKind::Bytes, "c0ffee", "c0ffef"),
    ] {
        for bytes in [0, 64] {
            let mut world = World::new(kind, bytes);
            let (known, unknown) = (kind.parse(known).unwrap(), kind.parse(unknown).unwrap());
            let mut owner = world.owner();
            world.load(&mut owner, &[(known, vec![5; bytes])]).unwrap();
            let mut client = world.client();
            let found = world.ask(&mut client, &[unknown, known]).unwrap();
            assert_eq!(found.values, [None, Some(vec![5; bytes])], "{kind} {bytes}");
        }
    }
}

#[test]
fn several_clients_share_a_batch_and_each_gets_its_own() {
    let mut world = World::with_table(500);
    let mut clients: Vec<_> = (0..5).map(|_| world.client()).collect();
    for (n, client) in (0..).zip(&mut clients) {
        let query = client.query(&[number(n), number(1000 + n)]).unwrap();
        assert_eq!(world.send(&query).unwrap(), None);
    }
    let ran = world.engine.run(&Alone, &mut os_rng());
    assert_eq!((ran.keys, ran.replies.len()), (256, 5));
    for ((n, client), reply) in (0..).zip(&clients).zip(ran.replies) {
        let found = client.answer(&reply.answer.unwrap(), 2).unwrap();
        assert_eq!(found.values, [Some(value(n)), None]);
    }
    assert_eq!(world.engine.due(), None);
    assert_eq!(world.engine.stats().keys, 80);
}

#[test]
fn a_query_waits_for_the_window_or_for_a_full_batch() {
    let mut world = World::with_table(500);
    let window = Duration::from_millis(5);
    assert_eq!(world.engine.due(), None);
    for _ in 0..64 {
        let mut client = world.client();
        assert!(!world.engine.is_full());
        let query = client.query(&[number(1); 1024]).unwrap();
        world.send(&query).unwrap();
        world.clock += Duration::from_micros(1);
        let full = world.engine.is_full();
        let due = if full { Duration::ZERO } else { window };
        assert_eq!(world.engine.due(), Some(due));
    }
    assert!(world.engine.is_full());
    let mut client = world.client();
    let query = client.query(&[number(1); 1024]).unwrap();
    world.send(&query).unwrap();
    assert_eq!(world.engine.run(&Alone, &mut os_rng()).replies.len(), 64);
    assert_eq!(world.engine.run(&Alone, &mut os_rng()).replies.len(), 1);
}

#[test]
fn more_than_four_batches_do_not_wait() {
    let mut world = World::with_table(500);
    for _ in 0..256 {
        let mut client = world.client();
        let query = client.query(&[number(1); 1024]).unwrap();
        world.send(&query).unwrap();
    }
    let mut client = world.client();
    let query = client.query(&[number(1)]).unwrap();
    assert_eq!(world.send(&query), Err(LookupError::Busy));
}

#[test]
fn a_quota_is_per_session_and_counts_padding() {
    let mut world = World::with_table(500);
    let (mut greedy, mut other) = (world.client(), world.client());
    world.ask(&mut greedy, &[number(1); 500]).unwrap();
    let query = other.query(&[number(2)]).unwrap();
    world.send(&query).unwrap();
    let query = greedy.query(&[number(1); 513]).unwrap();
    let (asked, left, quota) = (1024, 512, 1024);
    let refused = Err(LookupError::Quota { asked, left, quota });
    assert_eq!(world.send(&query), refused);
    // The other's query, which waited, is answered; and so is what the quota still allows.
    let mut ran = world.engine.run(&Alone, &mut os_rng());
    let found = other.answer(&ran.replies.remove(0).answer.unwrap(), 1);
    assert_eq!(found.unwrap().values, [Some(value(2))]);
    assert!(world.ask(&mut greedy, &[number(1); 500]).is_ok());
    assert!(world.ask(&mut greedy, &[number(1)]).is_err());
}

#[test]
fn changes_show_in_the_next_batch() {
    let mut world = World::with_table(500);
    let (mut owner, mut client) = (world.owner(), world.client());
    let updates = [
        Update::Put(number(1), value(77)),
        Update::Put(number(600), value(600)),
        Update::Remove(number(2)),
        Update::Remove(number(999)),
    ];
    let done = world.change(&mut owner, &updates).unwrap();
    assert_eq!((done.inserted, done.changed, done.removed), (1, 1, 1));
    assert_eq!((done.epoch, done.records), (2, 500));
    let keys = [number(1), number(2), number(3), number(600)];
    let found = world.ask(&mut client, &keys).unwrap();
    let expected = [Some(value(77)), None, Some(value(3)), Some(value(600))];
    assert_eq!((found.values.as_slice(), found.epoch), (&expected[..], 2));
}

#[test]
fn lengths_say_the_class_and_no_more() {
    let mut world = World::with_table(500);
    let mut lengths = Vec::new();
    for keys in [vec![], vec![number(1)], vec![number(900); 16]] {
        let mut client = world.client();
        let query = client.query(&keys).unwrap();
        world.send(&query).unwrap();
        let mut ran = world.engine.run(&Alone, &mut os_rng());
        let answer = ran.replies.remove(0).answer.unwrap();
        lengths.push((query.len(), answer.len()));
    }
    assert!(
        lengths.iter().all(|pair| *pair == lengths[0]),
        "{lengths:?}"
    );
}
