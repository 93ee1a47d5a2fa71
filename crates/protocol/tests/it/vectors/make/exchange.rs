use adyton_appraisal::FailedClaim;
use adyton_codec::Value;
use adyton_protocol::{Denial, Denied};
use adyton_types::{ReportData, Sha256Digest};

use super::Cases;
use crate::support::{NOW, World, edited, name, resigned_request};
use crate::vectors::file::Vector;

struct Maker {
    world: World,
    good: Vec<u8>,
}

impl Maker {
    fn vector(&self, deviation: &str, request: &[u8], now: u64) -> Vector {
        Vector::new(deviation)
            .with("now", now)
            .with("broker", self.world.id())
            .with_bytes("epoch-key", &World::EPOCH_KEY)
            .with("platform-id", self.world.platform.fingerprint())
            .with_bytes("measurement", &[0xee; 32])
            .with_bytes("request", request)
    }

    /// The request with another field, signed anew by the binding's own key.
    fn changed(&self, deviation: &str, path: [&str; 2], to: &Value<'_>) -> Vector {
        let changed = edited(&self.good, &path, Some(to));
        let resigned = resigned_request(&changed, self.world.keys.signing());
        self.vector(deviation, &resigned, NOW.as_secs())
    }
}

pub(super) fn requests() -> Cases {
    let mut world = World::new(1);
    let good = world.ask().request().to_vec();
    let next = world.token();
    let maker = Maker { world, good };
    let (other, thief, at) = (World::new(2), World::new(3), NOW.as_secs());
    let good = &maker.good;
    let unsigned = edited(good, &["sig"], Some(&Value::bytes(&[0; 64])));
    let stolen = resigned_request(good, thief.keys.signing());
    let trailing = [good.as_slice(), &[0]].concat();
    let mut cases = vec![
        ("good", maker.vector("none", good, at)),
        (
            "expired-token",
            maker.vector("sent 61 seconds after the challenge", good, at + 61),
        ),
        (
            "zero-signature",
            maker.vector("`sig` is all zero", &unsigned, at),
        ),
        (
            "stolen",
            maker.vector("signed by a key that is not the binding's", &stolen, at),
        ),
        ("trailing", maker.vector("a byte follows", &trailing, at)),
    ];
    cases.extend(changed(&maker, &other, next.as_bytes()));
    cases
}

fn changed(maker: &Maker, other: &World, next: &[u8]) -> Cases {
    let (one, id) = (Value::bytes(&[1; 32]), other.id());
    let kem = other.keys.kem().public().to_bytes();
    let foreign = maker.world.evidence(ReportData::new([1; 64])).bytes;
    let cases = [
        (
            "other-token",
            "a fresh token that the Evidence is not about",
            ["binding", "fresh"],
            Value::bytes(next),
        ),
        (
            "other-broker",
            "a binding for another broker",
            ["binding", "rp"],
            Value::bytes(id.as_bytes()),
        ),
        (
            "role-receipt",
            "the role is `receipt`",
            ["binding", "role"],
            Value::text("receipt"),
        ),
        (
            "channel",
            "a TLS channel is named",
            ["binding", "channel"],
            one.clone(),
        ),
        (
            "other-ops",
            "a binding about other operations",
            ["binding", "ops"],
            one,
        ),
        (
            "other-kem",
            "a KEM key that the Evidence is not about",
            ["binding", "kem"],
            Value::bytes(&kem),
        ),
        (
            "foreign-evidence",
            "Evidence about another binding",
            ["evidence", "bytes"],
            Value::bytes(&foreign),
        ),
        (
            "other-kind",
            "the Evidence is not of the kind that it claims",
            ["evidence", "kind"],
            Value::text("nvidia-gpu"),
        ),
    ];
    let cases = cases.into_iter();
    cases
        .map(|(name, deviation, path, to)| (name, maker.changed(deviation, path, &to)))
        .collect()
}

pub(super) fn denials() -> Cases {
    let mut world = World::new(1);
    let pending = world.ask();
    let other = World::new(2);
    let good = Denial {
        card: world.card(),
        request: *pending.digest(),
        denied: vec![Denied {
            secret: Some(name("hospital-a")),
            failed: FailedClaim::new("release-document", "one that allows this", "none"),
        }],
        token: world.token(),
    };
    let vector = |deviation: &str, denial: &[u8]| {
        Vector::new(deviation)
            .with_bytes("card", &world.card().encode())
            .with("request-digest", pending.digest())
            .with("claims", "release-document")
            .with_bytes("denial", denial)
    };
    let mut request = good.clone();
    request.request = Sha256Digest::new([1; 32]);
    let mut card = good.clone();
    card.card = other.card();
    let mut none = good.clone();
    none.denied.clear();
    vec![
        ("good", vector("none", &good.sign(&world.answer_key))),
        (
            "other-request",
            vector("denies another request", &request.sign(&world.answer_key)),
        ),
        (
            "other-card",
            vector("shows another broker's card", &card.sign(&world.answer_key)),
        ),
        (
            "other-key",
            vector("signed by another broker", &good.sign(&other.answer_key)),
        ),
        (
            "no-claim",
            vector("names no claim", &none.sign(&world.answer_key)),
        ),
    ]
}
