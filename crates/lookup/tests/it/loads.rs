use adyton_lookup::{ClientError, KeyKind, LookupError};
use adyton_oblivious::ObliviousError;
use adyton_types::ErrorClass;

use crate::world::{World, number, record, value};

#[test]
fn a_table_that_is_not_loaded_answers_nobody() {
    let mut world = World::new(KeyKind::Phone, 8);
    let mut client = world.client();
    let error = world.ask(&mut client, &[number(1)]).unwrap_err();
    assert_eq!(error, LookupError::NoTable);
    assert_eq!(error.class(), ErrorClass::Unavailable);
}

#[test]
fn a_second_load_takes_the_place_of_the_first_when_it_is_whole() {
    let mut world = World::with_table(100);
    let (mut owner, mut client) = (world.owner(), world.client());
    let begin = owner.begin(2).unwrap();
    world.done(&owner, &begin).unwrap();
    let rows = owner.rows(&[record(200), record(201)]).unwrap();
    world.done(&owner, &rows).unwrap();
    let found = world.ask(&mut client, &[number(1), number(200)]).unwrap();
    assert_eq!(found.values, [Some(value(1)), None]);
    let end = owner.end().unwrap();
    assert_eq!(world.done(&owner, &end).unwrap().records, 2);
    let found = world.ask(&mut client, &[number(1), number(200)]).unwrap();
    assert_eq!(found.values, [None, Some(value(200))]);
}

#[test]
fn without_room_for_two_tables_a_second_load_does_not_begin() {
    let mut world = World::with_room(KeyKind::Phone, 8, None, 1);
    let mut owner = world.owner();
    // What was begun and not ended is none that serves.
    let begin = owner.begin(1).unwrap();
    world.done(&owner, &begin).unwrap();
    world.load(&mut owner, &[record(1)]).unwrap();
    let begin = owner.begin(1).unwrap();
    assert_eq!(world.done(&owner, &begin), Err(LookupError::NoRoom));
    assert_eq!(LookupError::NoRoom.class(), ErrorClass::Misuse);
    let mut client = world.client();
    let found = world.ask(&mut client, &[number(1)]).unwrap();
    assert_eq!(found.values, [Some(value(1))]);
    let change = owner.changes(&[adyton_lookup::Update::Remove(number(1))]);
    world.done(&owner, &change.unwrap()).unwrap();
    let found = world.ask(&mut client, &[number(1)]).unwrap();
    assert_eq!(found.values, [None]);
}

/// A table of more records than any machine has memory for.
#[test]
fn without_memory_a_load_does_not_begin() {
    let mut world = World::of_capacity((1 << 32) - 16);
    let mut owner = world.owner();
    let begin = owner.begin(1).unwrap();
    // Where the kernel promises more than it has, the promise is all that is tested.
    if let Err(error) = world.done(&owner, &begin) {
        let without = matches!(
            error,
            LookupError::Table(ObliviousError::OutOfMemory { .. })
        );
        assert!(without, "{error}");
        assert_eq!(error.class(), ErrorClass::Unavailable);
        // The session goes on, and there is no table as before.
        let end = owner.end().unwrap();
        assert_eq!(world.done(&owner, &end), Err(LookupError::NoLoad));
    }
}

#[test]
fn a_load_that_is_cut_short_doubled_or_too_large_changes_nothing() {
    let mut world = World::with_table(100);
    let (mut owner, mut client) = (world.owner(), world.client());

    let begin = owner.begin(3).unwrap();
    world.done(&owner, &begin).unwrap();
    let rows = owner.rows(&[record(200), record(201)]).unwrap();
    world.done(&owner, &rows).unwrap();
    let end = owner.end().unwrap();
    let (announced, found) = (3, 2);
    let cut = LookupError::Truncated { announced, found };
    assert_eq!(world.done(&owner, &end), Err(cut));
    let end = owner.end().unwrap();
    assert_eq!(world.done(&owner, &end), Err(LookupError::NoLoad));

    let mut owner = world.owner();
    let twice = world.load(&mut owner, &[record(1), record(1)]);
    let twice_loaded = ObliviousError::DuplicateKeys { count: 1 };
    assert_eq!(twice, Err(twice_loaded.into()));

    let mut owner = world.owner();
    let begin = owner.begin(1001).unwrap();
    let full = ObliviousError::Full { capacity: 1000 };
    assert_eq!(world.done(&owner, &begin), Err(full.into()));

    let found = world.ask(&mut client, &[number(1)]).unwrap();
    assert_eq!((found.values, found.epoch), (vec![Some(value(1))], 1));
}

#[test]
fn an_owner_s_client_sends_no_rows_of_another_shape() {
    let mut world = World::with_table(1);
    let mut owner = world.owner();
    let short = [(number(1), vec![0; 7])];
    let many = vec![record(1); owner.rows_a_message() + 1];
    for rows in [&[], short.as_slice(), &many] {
        assert!(matches!(owner.rows(rows), Err(ClientError::Rows)));
    }
    let put = [adyton_lookup::Update::Put(number(1), vec![0; 9])];
    for changes in [&[], put.as_slice()] {
        assert!(matches!(owner.changes(changes), Err(ClientError::Rows)));
    }
    let email = KeyKind::Email.parse("a@example.org").unwrap();
    let other = owner.rows(&[(email, value(1))]);
    assert!(matches!(other, Err(ClientError::KeyKind { index: 0 })));
}

#[test]
fn only_the_owner_loads_and_changes() {
    let mut world = World::with_table(100);
    let mut client = world.client();
    for message in [
        client.begin(1).unwrap(),
        client.rows(&[record(1)]).unwrap(),
        client.end().unwrap(),
    ] {
        assert_eq!(world.done(&client, &message), Err(LookupError::NotOwner));
    }
    let other = adyton_crypto::SigningKey::generate(&mut adyton_crypto::os_rng());
    let claim = client.owner(&other).unwrap();
    let refused = Err(LookupError::OwnerSignature);
    assert_eq!(world.done(&client, &claim), refused);

    // Nor does another session of the owner's go on with a load that it did not begin.
    let (mut one, mut two) = (world.owner(), world.owner());
    let begin = one.begin(1).unwrap();
    world.done(&one, &begin).unwrap();
    let rows = two.rows(&[record(1)]).unwrap();
    assert_eq!(world.done(&two, &rows), Err(LookupError::NoLoad));
    let rows = one.rows(&[record(1)]).unwrap();
    assert!(world.done(&one, &rows).is_ok());
}
