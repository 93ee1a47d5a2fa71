use adyton_protocol::{EpochTokens, Freshness, TOKEN_BYTES, TokenError};
use adyton_types::{ErrorClass, Fingerprint, UnixTime};

use crate::support::{FixedRng, NOW, World};

#[test]
fn a_token_lives_for_a_minute() {
    let mut world = World::new(1);
    let token = world.token();
    assert_eq!(token.as_bytes().len(), TOKEN_BYTES);
    let verify = |secs: i64| {
        let now = UnixTime::from_secs(NOW.as_secs().saturating_add_signed(secs));
        world.tokens.verify(&token, now)
    };
    assert_eq!(verify(0), Ok(()));
    assert_eq!(verify(60), Ok(()));
    assert_eq!(verify(61), Err(TokenError::Expired { age_secs: 61 }));
    assert_eq!(verify(-1), Err(TokenError::Future));
    assert_eq!(TokenError::Future.class(), ErrorClass::Stale);
}

#[test]
fn tokens_differ_and_end_with_their_epoch() {
    let mut world = World::new(1);
    assert_ne!(world.token(), world.token());
    let token = world.token();
    let restarted = EpochTokens::generate(world.id(), &mut FixedRng::new(9));
    assert_eq!(restarted.verify(&token, NOW), Err(TokenError::Foreign));
    let mut other = World::new(2);
    assert_eq!(
        world.tokens.verify(&other.token(), NOW),
        Err(TokenError::Foreign)
    );
}

#[test]
fn the_same_key_of_another_broker_makes_other_tokens() {
    let tokens = |id| EpochTokens::generate(Fingerprint::new([id; 32]), &mut FixedRng::new(9));
    let token = tokens(1).mint(NOW, &mut FixedRng::new(1));
    assert_eq!(tokens(1).verify(&token, NOW), Ok(()));
    assert_eq!(tokens(2).verify(&token, NOW), Err(TokenError::Foreign));
}

#[test]
fn every_flipped_byte_and_other_length_is_refused() {
    let mut world = World::new(1);
    let token = world.token();
    for i in 0..TOKEN_BYTES {
        let mut altered = token.as_bytes().to_vec();
        altered[i] ^= 1;
        let error = if i == 0 {
            TokenError::Malformed
        } else {
            TokenError::Foreign
        };
        let altered = Freshness::new(&altered).unwrap();
        assert_eq!(world.tokens.verify(&altered, NOW), Err(error), "byte {i}");
    }
    for length in [1, 9, 56, 58, 128] {
        let other: Vec<u8> = token
            .as_bytes()
            .iter()
            .copied()
            .cycle()
            .take(length)
            .collect();
        let other = Freshness::new(&other).unwrap();
        let refused = world.tokens.verify(&other, NOW);
        assert_eq!(refused, Err(TokenError::Malformed), "{length} bytes");
    }
}
