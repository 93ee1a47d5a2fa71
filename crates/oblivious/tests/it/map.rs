use std::collections::BTreeMap;

use adyton_crypto::os_rng;
use adyton_oblivious::{KernelKind, KernelSet, KeyKind, ObliviousError, OramMap, Secret, Shape};

use crate::model::value;

fn check(shape: Shape, set: KernelSet, capacity: usize, steps: u64) {
    let plain = OramMap::new(shape, capacity, set, &mut os_rng()).expect("memory");
    let fresh = OramMap::with_fresh_stores(shape, capacity, set, &mut os_rng()).expect("memory");
    for map in [plain, fresh] {
        compare(map, shape, capacity, steps);
    }
}

fn compare(mut map: OramMap, shape: Shape, capacity: usize, steps: u64) {
    let mut plain: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let mut random = 88_172_645_463_325_252_u64;
    for step in 0..steps {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let n = random % (capacity as u64 * 5 / 4);
        let key = match shape.keys() {
            KeyKind::Any => format!("user{n}@example.org").into_bytes(),
            _ => n.to_le_bytes().to_vec(),
        };
        let value = value(&key, step, shape.value_bytes());
        let before = plain.get(&key).cloned();
        let found = match random >> 60 {
            0..8 if before.is_none() && plain.len() == capacity => {
                let full = map.put(&key, &value).err();
                assert_eq!(full, Some(ObliviousError::Full { capacity }));
                map.get(&key)
            }
            0..8 => {
                plain.insert(key.clone(), value.clone());
                map.put(&key, &value)
            }
            8..11 => {
                plain.remove(&key);
                map.remove(&key)
            }
            11 => map
                .access(&key, &value, &Secret::new(false), &Secret::new(true))
                .inspect(|_| {
                    if shape.keys() != KeyKind::Any {
                        plain.remove(&key);
                    }
                }),
            _ => map.get(&key),
        };
        let found = found.expect("room");
        assert_eq!(found.danger_reveal().to_option(), before, "step {step}");
    }
}

#[test]
fn a_map_agrees_with_a_plain_one() {
    for set in KernelKind::ALL.into_iter().filter_map(KernelSet::of) {
        for (keys, len) in [
            (KeyKind::Fixed(8), 64),
            (KeyKind::Fixed(8), 0),
            (KeyKind::Any, 56),
        ] {
            let shape = Shape::new(keys, len).expect("a shape");
            check(shape, set, 300, 6000);
            check(shape, set, 1, 100);
        }
    }
}

#[test]
fn a_large_map_has_positions_in_trees() {
    let shape = Shape::new(KeyKind::Fixed(8), 16).expect("a shape");
    check(shape, KernelSet::best(), 1 << 18, 60_000);
}

#[test]
fn a_value_too_long_for_the_fingerprint_is_refused() {
    let shape = Shape::new(KeyKind::Any, 57).expect("a shape");
    let map = OramMap::new(shape, 8, KernelSet::best(), &mut os_rng());
    assert!(matches!(map, Err(ObliviousError::Shape { .. })));
}
