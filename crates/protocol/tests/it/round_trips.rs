use adyton_protocol::{
    Card, Challenge, ErrorBody, Freshness, Leaf, LeafPlatform, LeafType, Request,
};
use adyton_types::{
    ErrorClass, PlatformId, PlatformMeasurement, ProgramMeasurement, Sha256Digest, TeeKind,
    UnixTime,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::support::World;

fn digest() -> impl Strategy<Value = Sha256Digest> {
    any::<[u8; 32]>().prop_map(Sha256Digest::new)
}

fn platform() -> impl Strategy<Value = LeafPlatform> {
    let kind = prop::sample::select(TeeKind::ALL.to_vec());
    let measurement = prop::sample::select(vec![32, 48, 64]).prop_flat_map(|n| vec(any::<u8>(), n));
    (kind, measurement, vec(any::<u8>(), 1..=64)).prop_map(|(kind, measurement, id)| LeafPlatform {
        kind,
        measurement: PlatformMeasurement::new(&measurement).unwrap(),
        id: PlatformId::new(&id).unwrap(),
    })
}

fn leaf() -> impl Strategy<Value = Leaf> {
    let program =
        vec(any::<u8>(), 48).prop_map(|bytes| ProgramMeasurement::new(bytes.try_into().unwrap()));
    let about = (
        option::of(digest()),
        option::of(digest()),
        option::of(any::<u64>()),
        option::of(digest()),
        option::of(program),
        option::of(platform()),
    );
    let head = (
        prop::sample::select(LeafType::ALL.to_vec()),
        0..=UnixTime::MAX.as_secs(),
        "\\PC{0,64}",
    );
    (head, about).prop_map(|((leaf_type, time, detail), about)| {
        let (request, secret, version, policy, program, platform) = about;
        Leaf {
            leaf_type,
            time: UnixTime::from_secs(time),
            request,
            secret,
            version,
            policy,
            program,
            platform,
            detail,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(24)
    })]

    #[test]
    fn leaves_have_one_encoding(leaf in leaf()) {
        let bytes = leaf.encode();
        prop_assert_eq!(Leaf::parse(&bytes), Ok(leaf.clone()));
        for i in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[i] ^= 1;
            prop_assert_ne!(Leaf::parse(&altered), Ok(leaf.clone()));
        }
    }

    #[test]
    fn challenges_and_cards_have_one_encoding(seed in any::<u64>(), token in vec(any::<u8>(), 1..=128)) {
        let card = World::new(seed).card();
        prop_assert_eq!(Card::parse(&card.encode()), Ok(card.clone()));
        let token = Freshness::new(&token).unwrap();
        let challenge = Challenge { card, token };
        prop_assert_eq!(Challenge::parse(&challenge.encode()), Ok(challenge));
    }

    #[test]
    fn error_bodies_have_one_encoding(error in "\\PC{0,200}", stale in any::<bool>()) {
        let class = if stale { ErrorClass::Stale } else { ErrorClass::Malformed };
        let body = ErrorBody { class, error };
        prop_assert_eq!(ErrorBody::parse(&body.encode()), Ok(body));
    }

    #[test]
    fn noise_never_panics(bytes in vec(any::<u8>(), 0..512)) {
        prop_assert!(Request::parse(&bytes).is_err());
        prop_assert!(Challenge::parse(&bytes).is_err());
        prop_assert!(Leaf::parse(&bytes).is_err());
    }

    #[test]
    fn any_release_opens(seed in any::<u64>(), secrets in prop::collection::btree_set("[a-z0-9][a-z0-9._-]{0,20}", 1..=16)) {
        let mut world = World::new(seed);
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let pending = world.ask_for(&secrets);
        let answer = world.answer(&pending).sign(&world.answer_key);
        let (released, proofs, _) = pending.open(&answer).unwrap().into_parts();
        prop_assert_eq!(proofs.len(), secrets.len());
        for (released, secret) in released.iter().zip(secrets) {
            let expected = format!("key of {secret}");
            prop_assert_eq!(released.value.expose(), expected.as_bytes());
        }
    }
}
