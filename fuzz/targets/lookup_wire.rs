#![no_main]
//! What goes over the wire around a look-up session, unsealed, and the files of tokens. The first
//! byte says which.

use std::time::Duration;

use adyton_crypto::{KemKeyPair, SecretBytes};
use adyton_fuzz::{FixedRng, signing_key};
use adyton_lookup::{
    Engine, KeyKind, Stats, Terms, Welcome, encode_issuer, encode_tokens, parse_issuer,
    parse_owner_key, parse_pending, parse_tokens,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let secret = || SecretBytes::new(rest.to_vec());
    match mode % 9 {
        0 => {
            let _ = engine().hello(rest, Duration::ZERO, &mut FixedRng(2));
        }
        1 => assert!(
            engine()
                .request(1, rest, Duration::ZERO, &mut FixedRng(2))
                .is_err(),
            "nobody has a session"
        ),
        2 => {
            if let Ok(welcome) = Welcome::parse(rest) {
                assert_eq!(welcome.encode(), rest);
            }
        }
        3 => {
            if let Ok(terms) = Terms::parse(rest) {
                assert_eq!(terms.encode(), rest);
            }
        }
        4 => {
            if let Ok(stats) = Stats::parse(rest) {
                assert_eq!(stats.encode(), rest);
            }
        }
        5 => {
            if let Ok((name, key)) = parse_issuer(rest) {
                assert_eq!(encode_issuer(&name, &key), rest);
            }
        }
        6 => {
            if let Ok(tokens) = parse_tokens(&secret()) {
                assert_eq!(encode_tokens(&tokens).expose(), rest);
            }
        }
        7 => drop(parse_pending(&secret())),
        _ => drop(parse_owner_key(&secret())),
    }
});

fn engine() -> Engine {
    let terms = Terms {
        keys: KeyKind::Phone,
        value_bytes: 4,
        capacity: 8,
        owner: signing_key(9).verifying_key(),
        quota: 16,
        window_ms: 0,
        tokens: None,
    };
    Engine::new(terms, 1, KemKeyPair::generate(&mut FixedRng(1)))
}
