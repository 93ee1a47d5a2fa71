//! Random events; invariants after each.

use std::collections::BTreeMap;

use adyton_broker::{AdminCommand, AdminReply};
use adyton_protocol::{Leaf, LeafType, PendingRelease, leaf_salt, policy_commitment};
use adyton_types::ErrorClass;
use proptest::prelude::*;

use crate::support::{Asked, Shape, When, World, document, name};

#[derive(Debug, Clone)]
enum Event {
    Put(u8),
    Delete(u8),
    Allow(u8, u64),
    Withdraw(u8),
    Ask(Vec<u8>, bool),
    Repeat,
    Fail(bool),
    Restart,
    Clock(i16),
}

fn event() -> impl Strategy<Value = Event> {
    let secret = 0u8..3;
    prop_oneof![
        2 => secret.clone().prop_map(Event::Put),
        1 => secret.clone().prop_map(Event::Delete),
        3 => (secret.clone(), 1u64..4).prop_map(|(s, n)| Event::Allow(s, n)),
        1 => secret.clone().prop_map(Event::Withdraw),
        8 => (proptest::collection::btree_set(secret, 1..3), any::<bool>())
            .prop_map(|(s, good)| Event::Ask(s.into_iter().collect(), good)),
        3 => Just(Event::Repeat),
        2 => any::<bool>().prop_map(Event::Fail),
        1 => Just(Event::Restart),
        2 => (-90i16..90).prop_map(Event::Clock),
    ]
}

const NAMES: [&str; 3] = ["a", "b", "c"];

/// What must hold after every event.
#[derive(Default)]
struct Model {
    log_len: usize,
    versions: BTreeMap<String, u64>,
    /// Answers that reached an enclave: each has its leaf.
    released: Vec<u64>,
}

impl Model {
    fn hold(&mut self, world: &World) {
        let log = world.log();
        assert!(log.len() >= self.log_len, "the log never shrinks");
        self.log_len = log.len();
        for index in &self.released {
            let leaf = &log[usize::try_from(*index).expect("small")];
            assert_eq!(leaf.leaf_type, LeafType::Release);
        }
        // Every release that the log records was counted, under its document, and no more.
        let Ok(AdminReply::Secrets(secrets)) = world.admin(&AdminCommand::SecretList) else {
            panic!("no list");
        };
        for secret in secrets {
            if let Some(policy) = secret.policy {
                let about = |(index, leaf): &(u64, &Leaf)| {
                    let commitment = policy_commitment(&leaf_salt(&secret.salt, *index), &policy);
                    leaf.leaf_type == LeafType::Release && leaf.policy == Some(commitment)
                };
                let recorded = (0..).zip(&log).filter(about).count() as u64;
                assert_eq!(secret.releases, recorded, "leaves are decisions");
                assert!(secret.releases <= secret.max_releases);
            }
            let name = secret.name.to_string();
            let old = self.versions.insert(name, secret.version);
            assert!(old.is_none_or(|old| old <= secret.version), "monotonic");
        }
    }
}

fn play(world: &mut World, model: &mut Model, last: &mut Option<PendingRelease>, event: Event) {
    let secret = |index: u8| NAMES[usize::from(index)];
    match event {
        Event::Put(s) => drop(world.admin(&AdminCommand::SecretPut {
            name: name(secret(s)),
            value: adyton_crypto::SecretBytes::new(vec![s; 16]),
            note: String::new(),
        })),
        Event::Delete(s) => {
            let name = name(secret(s));
            drop(world.admin(&AdminCommand::SecretDelete { name }));
        }
        Event::Allow(s, max) => {
            let text = document(secret(s), &world.platform)
                .replace("max-releases = 3", &format!("max-releases = {max}"));
            let document = text.parse().expect("a document");
            drop(world.admin(&AdminCommand::PolicyPut { document }));
        }
        Event::Withdraw(s) => {
            let secret = name(secret(s));
            drop(world.admin(&AdminCommand::PolicyDelete { secret }));
        }
        Event::Ask(secrets, good) => {
            let operations: Vec<_> = secrets.iter().map(|s| (secret(*s), "study")).collect();
            let mut shape = Shape::default();
            shape.program[0] ^= u8::from(!good);
            let pending = world.request(world.challenge(), &operations, &shape);
            sent(world, model, &pending, good);
            *last = Some(pending);
        }
        Event::Repeat => {
            if let Some(pending) = last {
                sent(world, model, pending, true);
            }
        }
        Event::Fail(before) => world.store.fail_next(if before {
            When::BeforeCommit
        } else {
            When::AfterCommit
        }),
        Event::Restart => {
            world.store.works();
            world.restart();
        }
        Event::Clock(secs) => {
            let now = world.now.get().as_secs().saturating_add_signed(secs.into());
            world.now.set(adyton_types::UnixTime::from_secs(now));
        }
    }
}

fn sent(world: &World, model: &mut Model, pending: &PendingRelease, good: bool) {
    match world.send(pending) {
        Ok(Asked::Released(released)) => {
            assert!(good, "a program that is not allowed got a secret");
            model
                .released
                .extend(released.iter().map(|(_, index)| index));
        }
        Ok(Asked::Denied(claims)) => assert!(!claims.is_empty()),
        Err(error) => assert!(matches!(
            error.class(),
            ErrorClass::Stale | ErrorClass::Unavailable
        )),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn invariants_hold_after_every_event(events in proptest::collection::vec(event(), 1..40)) {
        let mut world = World::new();
        let mut model = Model::default();
        let mut last = None;
        for event in events {
            play(&mut world, &mut model, &mut last, event);
            model.hold(&world);
        }
    }
}
