use std::time::Duration;

use adyton_crypto::os_rng;
use adyton_lookup::{ClientError, KeyKind, LookupError, TokenTerms, Update};
use adyton_oblivious::Alone;
use adyton_tokens::{IssuerKey, Token, TokenError};

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
        let query = client
            .query(&[number(n), number(1000 + n)], &mut Vec::new())
            .unwrap();
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
        let query = client.query(&[number(1); 1024], &mut Vec::new()).unwrap();
        world.send(&query).unwrap();
        world.clock += Duration::from_micros(1);
        let full = world.engine.is_full();
        let due = if full { Duration::ZERO } else { window };
        assert_eq!(world.engine.due(), Some(due));
    }
    assert!(world.engine.is_full());
    let mut client = world.client();
    let query = client.query(&[number(1); 1024], &mut Vec::new()).unwrap();
    world.send(&query).unwrap();
    assert_eq!(world.engine.run(&Alone, &mut os_rng()).replies.len(), 64);
    assert_eq!(world.engine.run(&Alone, &mut os_rng()).replies.len(), 1);
}

#[test]
fn more_than_four_batches_do_not_wait() {
    let mut world = World::with_table(500);
    for _ in 0..256 {
        let mut client = world.client();
        let query = client.query(&[number(1); 1024], &mut Vec::new()).unwrap();
        world.send(&query).unwrap();
    }
    let mut client = world.client();
    let query = client.query(&[number(1)], &mut Vec::new()).unwrap();
    assert_eq!(world.send(&query), Err(LookupError::Busy));
}

#[test]
fn a_quota_is_per_session_and_counts_padding() {
    let mut world = World::with_table(500);
    let (mut greedy, mut other) = (world.client(), world.client());
    world.ask(&mut greedy, &[number(1); 500]).unwrap();
    let query = other.query(&[number(2)], &mut Vec::new()).unwrap();
    world.send(&query).unwrap();
    let query = greedy.query(&[number(1); 513], &mut Vec::new()).unwrap();
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
        let query = client.query(&keys, &mut Vec::new()).unwrap();
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

#[test]
fn a_token_is_spent_once_in_one_enclave_and_only_on_what_is_answered() {
    let rng = &mut os_rng();
    let issuer = IssuerKey::generate(rng).unwrap();
    let terms = TokenTerms {
        issuer: "issuer.example".to_owned(),
        key: issuer.public().clone(),
        keys: 512,
    };
    let mut world = World::with_tokens(&terms);
    let mut purse = Vec::new();
    let client = world.client();
    for _ in 0..5 {
        let (pending, request) = client.token(rng).unwrap().unwrap();
        let response = issuer.issue(&request, rng).unwrap();
        purse.push(pending.finish(&terms.key, &response).unwrap());
    }
    let query = |world: &mut World, tokens: &[&Token], keys: usize| {
        let mut client = world.client();
        let mut purse: Vec<Token> = tokens.iter().copied().cloned().collect();
        let query = client.query(&vec![number(1); keys], &mut purse).unwrap();
        assert!(purse.is_empty());
        world.send(&query)
    };
    assert_eq!(query(&mut world, &[&purse[0]], 1), Ok(None));
    assert_eq!(query(&mut world, &[&purse[0]], 1), Err(LookupError::Spent));
    // A query that is refused spends none of its tokens.
    let twice = [&purse[1], &purse[1]];
    assert_eq!(query(&mut world, &twice, 600), Err(LookupError::Spent));
    let one_spent = [&purse[1], &purse[0]];
    assert_eq!(query(&mut world, &one_spent, 600), Err(LookupError::Spent));
    assert_eq!(query(&mut world, &[&purse[1], &purse[2]], 600), Ok(None));
    // Nor is it cheaper by leaving tokens out, or by another's.
    let mut client = world.client();
    let needed = client.query(&[number(1); 600], &mut vec![purse[3].clone()]);
    assert!(matches!(
        needed,
        Err(ClientError::Tokens { needed: 2, left: 1 })
    ));
    let invalid = Err(LookupError::Token(TokenError::Invalid));
    let mut restarted = World::with_tokens(&terms);
    assert_eq!(query(&mut restarted, &[&purse[3]], 1), invalid);
    let mut altered = *purse[3].as_bytes();
    altered[20] ^= 1;
    let altered = Token::parse(&altered).unwrap();
    assert_eq!(query(&mut world, &[&altered], 1), invalid);
    assert_eq!(query(&mut world, &[&purse[3]], 1), Ok(None));
    assert_eq!(world.engine.run(&Alone, rng).replies.len(), 3);
}
