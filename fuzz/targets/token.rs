#![no_main]
//! Tokens, keys and what goes between client and issuer. The first byte says which; the key is that
//! of the seeds.

use std::sync::LazyLock;

use adyton_crypto::SecretBytes;
use adyton_fuzz::{FixedRng, token_issuer};
use adyton_tokens::{Challenge, IssuerKey, PendingToken, Token, TokenKey};
use libfuzzer_sys::fuzz_target;

static ISSUER: LazyLock<IssuerKey> = LazyLock::new(token_issuer);

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let challenge = Challenge {
        issuer: "issuer.example".to_owned(),
        context: [1; 32],
    };
    let challenge = challenge.digest();
    match mode % 5 {
        0 => {
            if let Ok(token) = Token::parse(rest) {
                assert_eq!(token.as_bytes(), rest);
                let _ = ISSUER.public().verify(&token, &challenge);
            }
        }
        1 => {
            if let Ok(key) = TokenKey::from_spki(rest) {
                assert_eq!(key.spki(), rest);
                let _ = PendingToken::new(&key, &challenge, &mut FixedRng(1));
            }
        }
        2 => drop(ISSUER.issue(rest, &mut FixedRng(1))),
        3 => {
            // A pending token, then the issuer's response to it.
            if let Some((pending, response)) = rest.split_at_checked(adyton_tokens::PENDING_BYTES)
                && let Ok(pending) = PendingToken::parse(pending)
            {
                let _ = pending.finish(ISSUER.public(), response);
            }
        }
        _ => drop(IssuerKey::from_der(&SecretBytes::new(rest.to_vec()))),
    }
});
