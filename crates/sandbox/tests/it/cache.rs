use adyton_sandbox::{CacheError, Preparation, Program};

use crate::support::{DIGEST, guest, key, sandbox, surroundings};

const MEMORY: u64 = 4 << 20;

fn works(preparation: &Preparation) {
    let outcome = preparation
        .prepared
        .run(surroundings(b""), || {})
        .expect("it starts");
    assert!(outcome.succeeded(), "{outcome:?}");
}

#[test]
fn code_is_compiled_once() {
    let component = guest("");
    let program = Program {
        component: &component,
        sha384: &DIGEST,
    };
    let first = sandbox(MEMORY).prepare(program, None, &key(1)).unwrap();
    assert_eq!(first.refused_cache, None);
    works(&first);
    // Another memory limit is another sandbox, but no other code.
    let second = sandbox(2 * MEMORY)
        .prepare(program, first.new_cache, &key(1))
        .unwrap();
    assert_eq!(second.refused_cache, None);
    assert_eq!(second.new_cache, None);
    works(&second);
}

#[test]
fn foreign_code_is_refused_and_compiled_anew() {
    let component = guest("");
    let program = Program {
        component: &component,
        sha384: &DIGEST,
    };
    let sandbox = sandbox(MEMORY);
    let good = sandbox
        .prepare(program, None, &key(1))
        .unwrap()
        .new_cache
        .unwrap();
    let other = guest("unreachable");
    let swapped = sandbox
        .prepare(
            Program {
                component: &other,
                sha384: &[6; 48],
            },
            None,
            &key(1),
        )
        .unwrap()
        .new_cache
        .unwrap();
    // The same code, said to be this component's.
    let mut forged = swapped.clone();
    forged[72..120].copy_from_slice(&DIGEST);
    let mut flipped = good.clone();
    flipped[5000] ^= 1;
    let cut = good[..good.len() - 1].to_vec();
    for (file, expected) in [
        (swapped, CacheError::OtherComponent),
        (forged, CacheError::NotAuthentic),
        (flipped, CacheError::NotAuthentic),
        (cut, CacheError::NotAuthentic),
        (good[..100].to_vec(), CacheError::Format),
        (Vec::new(), CacheError::Format),
    ] {
        let preparation = sandbox.prepare(program, Some(file), &key(1)).unwrap();
        assert_eq!(preparation.refused_cache, Some(expected));
        assert_eq!(preparation.new_cache.as_ref(), Some(&good));
        works(&preparation);
    }
    let preparation = sandbox.prepare(program, Some(good), &key(2)).unwrap();
    assert_eq!(preparation.refused_cache, Some(CacheError::NotAuthentic));
    works(&preparation);
}
