use adyton_codec::Value;
use adyton_protocol::{Binding, Freshness, Role};
use adyton_types::Sha256Digest;

use super::Cases;
use crate::support::{NOW, World, edited};
use crate::vectors::file::Vector;

pub(super) fn bindings() -> Cases {
    let world = World::new(1);
    let binding = Binding {
        role: Role::Enclave,
        relying_party: world.id(),
        fresh: Freshness::new(&[0x0f; 57]).unwrap(),
        kem: world.keys.kem().public().clone(),
        signing: world.keys.signing().verifying_key(),
        channel: None,
        program: world.program,
        ops: Sha256Digest::new([0x0b; 32]),
    };
    let good = binding.encode();
    let vector = |deviation: &str, bytes: &[u8]| {
        Vector::new(deviation)
            .with_bytes("binding", bytes)
            .with_bytes("report-data", binding.report_data().as_bytes())
    };
    let changed = |deviation: &str, field: &str, to: Option<&Value<'_>>| {
        vector(deviation, &edited(&good, &[field], to))
    };
    let mut identity = [0; 32];
    identity[0] = 1;
    vec![
        ("good", vector("none", &good)),
        (
            "unknown-role",
            changed("the role is `broker`", "role", Some(&Value::text("broker"))),
        ),
        ("missing-ops", changed("`ops` is missing", "ops", None)),
        (
            "unknown-key",
            changed("one key more", "debug", Some(&Value::Bool(false))),
        ),
        (
            "long-fresh",
            changed(
                "`fresh` has 129 bytes",
                "fresh",
                Some(&Value::bytes(&[1; 129])),
            ),
        ),
        (
            "weak-sig",
            changed(
                "`sig` is a point of small order",
                "sig",
                Some(&Value::bytes(&identity)),
            ),
        ),
        (
            "trailing",
            vector("a byte follows", &[good.as_slice(), &[0]].concat()),
        ),
    ]
}

pub(super) fn tokens() -> Cases {
    let mut world = World::new(1);
    let token = world.token().as_bytes().to_vec();
    let vector = |deviation: &str, token: &[u8], now: u64| {
        Vector::new(deviation)
            .with("now", now)
            .with("broker", world.id())
            .with_bytes("epoch-key", &World::EPOCH_KEY)
            .with_bytes("token", token)
    };
    let at = NOW.as_secs();
    let mut version = token.clone();
    version[0] = 2;
    let mut time = token.clone();
    time[8] ^= 1;
    let foreign = World::new(2).token();
    vec![
        ("good", vector("none", &token, at)),
        (
            "good-last-second",
            vector("none: 60 seconds old", &token, at + 60),
        ),
        ("expired", vector("61 seconds old", &token, at + 61)),
        ("future", vector("made a second from now", &token, at - 1)),
        ("other-version", vector("version 2", &version, at)),
        (
            "other-time",
            vector("another time than the MAC's", &time, at),
        ),
        ("short", vector("a byte is missing", &token[..56], at)),
        (
            "other-broker",
            vector("made by another broker", foreign.as_bytes(), at),
        ),
    ]
}
