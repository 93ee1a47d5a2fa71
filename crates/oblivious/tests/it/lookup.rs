use adyton_crypto::os_rng;
use adyton_oblivious::{
    Alone, Batch, BatchClass, KernelKind, KernelSet, KeyKind, ObliviousError, Shape, TableBuilder,
    Threads,
};

use crate::model::Model;

fn number(n: u64) -> Vec<u8> {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes().to_vec()
}

fn mail(n: u64) -> Vec<u8> {
    format!("user{n}@example.org").into_bytes()
}

fn kernels() -> impl Iterator<Item = KernelSet> {
    KernelKind::ALL.into_iter().filter_map(KernelSet::of)
}

/// Hits, misses and keys that come twice.
fn queries(key: fn(u64) -> Vec<u8>, count: u64, records: u64) -> Vec<Vec<u8>> {
    (0..count)
        .map(|i| key(i * 7 % (2 * records + 1) / (1 + i % 2)))
        .collect()
}

#[test]
fn every_value_size_and_kernel_answers_as_a_map_does() {
    for set in kernels() {
        for len in 0..=64 {
            let shape = Shape::new(KeyKind::Fixed(8), len).expect("a shape");
            let keys: Vec<_> = (0..700).map(number).collect();
            let model = Model::new(shape, set, &keys, 700);
            model.ask(BatchClass::MIN, &queries(number, 250, 700), &Alone);
        }
    }
}

#[test]
fn keys_of_any_length_are_told_apart() {
    for len in [0, 8, 16, 55, 64] {
        let shape = Shape::new(KeyKind::Any, len).expect("a shape");
        let keys: Vec<_> = (0..3000).map(mail).collect();
        let mut model = Model::new(shape, KernelSet::best(), &keys, 3000);
        model.ask(BatchClass::MIN, &queries(mail, 256, 3000), &Alone);
        model.table.rotate(&mut os_rng(), &Alone);
        model.ask(BatchClass::MIN, &queries(mail, 256, 3000), &Alone);
    }
}

#[test]
fn batches_of_every_class_and_any_number_of_workers_agree() {
    let shape = Shape::new(KeyKind::Fixed(8), 16).expect("a shape");
    let keys: Vec<_> = (0..50_000).map(number).collect();
    let model = Model::new(shape, KernelSet::best(), &keys, 50_000);
    for bits in 8..=16 {
        let class = BatchClass::holding(1 << bits).expect("a class");
        for count in [1, 2, 3, 7] {
            let threads = Threads(count.try_into().expect("not zero"));
            model.ask(class, &queries(number, (1 << bits) - 3, 50_000), &threads);
        }
    }
    assert!(BatchClass::holding(1 << 17).is_none());
}

#[test]
fn tables_of_any_size_answer() {
    for set in kernels() {
        for (records, len) in [(0, 16), (1, 16), (9, 24), (1023, 8)] {
            let shape = Shape::new(KeyKind::Fixed(8), len).expect("a shape");
            let keys: Vec<_> = (0..records).map(number).collect();
            let model = Model::new(shape, set, &keys, keys.len());
            model.ask(BatchClass::MIN, &queries(number, 256, records), &Alone);
        }
    }
}

#[test]
fn one_key_many_times_and_none_at_all() {
    let shape = Shape::new(KeyKind::Fixed(8), 16).expect("a shape");
    let keys: Vec<_> = (0..1000).map(number).collect();
    let model = Model::new(shape, KernelSet::best(), &keys, 1000);
    model.ask(BatchClass::MIN, &vec![number(5); 256], &Alone);
    model.ask(BatchClass::MIN, &vec![number(5000); 256], &Alone);
    model.ask(BatchClass::MIN, &[], &Alone);
}

#[test]
fn changes_are_seen_through_epochs() {
    for (shape, key) in [
        (
            Shape::new(KeyKind::Fixed(8), 16),
            number as fn(u64) -> Vec<u8>,
        ),
        (Shape::new(KeyKind::Fixed(8), 0), number),
        (Shape::new(KeyKind::Fixed(8), 40), number),
        (Shape::new(KeyKind::Any, 5), mail),
    ] {
        let keys: Vec<_> = (0..2000).map(key).collect();
        let mut model = Model::new(shape.expect("a shape"), KernelSet::best(), &keys, 4000);
        for epoch in 1..8 {
            let puts: Vec<_> = (0..400)
                .map(|i| (key(i * epoch * 3 % 3500), epoch))
                .collect();
            let removes: Vec<_> = (0..150).map(|i| key(i * 11 * epoch % 3600)).collect();
            model.apply(&puts, &removes);
            model.apply(&[(removes[0].clone(), 77)], &[puts[1].0.clone()]);
            model.ask(BatchClass::MIN, &queries(key, 256, 3500), &Alone);
            if epoch % 2 == 0 {
                model.table.merge();
                assert_eq!(model.table.unmerged(), 0);
            }
            if epoch % 3 == 0 {
                model.table.rotate(&mut os_rng(), &Alone);
            }
            model.ask(BatchClass::MIN, &queries(key, 256, 3500), &Alone);
        }
    }
}

#[test]
fn a_full_table_says_so_and_stays_as_it_is() {
    let shape = Shape::new(KeyKind::Fixed(8), 8).expect("a shape");
    let keys: Vec<_> = (0..100).map(number).collect();
    let mut model = Model::new(shape, KernelSet::best(), &keys, 110);
    let more: Vec<_> = (100..120).map(|n| (number(n), 1)).collect();
    let value = [0; 8];
    let puts: Vec<_> = more
        .iter()
        .map(|(key, _)| adyton_oblivious::Change::Put { key, value: &value })
        .collect();
    assert_eq!(
        model.table.apply(&puts),
        Err(ObliviousError::Full { capacity: 110 })
    );
    model.apply(&more[..10], &[number(3)]);
    model.apply(&more[10..11], &[]);
    model.ask(BatchClass::MIN, &queries(number, 256, 120), &Alone);
}

#[test]
fn a_key_loaded_twice_is_refused() {
    for (keys, key) in [(KeyKind::Fixed(8), number(1)), (KeyKind::Any, mail(1))] {
        let shape = Shape::new(keys, 0).expect("a shape");
        let mut builder =
            TableBuilder::new(shape, 3, KernelSet::best(), &mut os_rng()).expect("memory");
        for _ in 0..3 {
            builder.push(&key, &[]).expect("room");
        }
        assert_eq!(
            builder.push(&key, &[]),
            Err(ObliviousError::Full { capacity: 3 })
        );
        let error = builder.finish(&mut os_rng(), &Alone).err();
        assert_eq!(error, Some(ObliviousError::DuplicateKeys { count: 2 }));
    }
}

#[test]
fn a_bad_client_does_not_touch_the_others() {
    let shape = Shape::new(KeyKind::Fixed(8), 8).expect("a shape");
    let keys: Vec<_> = (0..100).map(number).collect();
    let model = Model::new(shape, KernelSet::best(), &keys, 100);
    let mut batch = Batch::new(shape, BatchClass::MIN).expect("memory");
    let table = &model.table;
    let good = batch
        .add_client(table, 2, [keys[0].as_slice(), &number(200)])
        .expect("room");
    let long = batch.add_client(table, 2, [keys[0].as_slice(), &[0; 9]]);
    assert_eq!(
        long,
        Err(ObliviousError::KeyLength {
            found: 9,
            wanted: 8
        })
    );
    let many = batch.add_client(table, 1, [keys[0].as_slice(), &keys[1]]);
    assert_eq!(many, Err(ObliviousError::Quota { asked: 2, quota: 1 }));
    let large = batch.add_client(table, 255, []);
    assert_eq!(
        large,
        Err(ObliviousError::BatchFull {
            asked: 255,
            left: 254
        })
    );
    let last = batch
        .add_client(table, 254, [keys[7].as_slice()])
        .expect("room");
    let answers = table.answer(&mut batch, &Alone).expect("no overflow");
    let found = |client| {
        let answers = answers.of(client).expect("a client");
        answers
            .map(|a| a.danger_reveal().to_option())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(good), [model.map.get(&keys[0]).cloned(), None]);
    assert_eq!(found(last)[0].as_ref(), model.map.get(&keys[7]));
    let other = Shape::new(KeyKind::Fixed(8), 9).expect("a shape");
    let mut batch = Batch::new(other, BatchClass::MIN).expect("memory");
    assert_eq!(
        table.answer(&mut batch, &Alone).err(),
        Some(ObliviousError::OtherShape)
    );
}

#[test]
fn memory_that_is_not_there_is_an_error() {
    let shape = Shape::new(KeyKind::Fixed(8), 64).expect("a shape");
    let capacity = (1 << 32) - 16;
    let tried = TableBuilder::new(shape, capacity, KernelSet::best(), &mut os_rng());
    // Where the kernel promises more than it has, the promise is all that is tested.
    if let Err(error) = tried {
        assert!(matches!(error, ObliviousError::OutOfMemory { .. }));
    }
    assert!(adyton_oblivious::Table::memory_bytes(shape, capacity) > capacity * 72);
}
