use adyton_codec::hex_encode;
use adyton_protocol::{Answer, Challenge, LeafType, Request};
use adyton_types::Sha256Digest;

use super::Cases;
use crate::support::{NOW, World};
use crate::vectors::file::Vector;

struct Maker {
    world: World,
    answer: Answer,
    base: Vector,
}

impl Maker {
    fn new() -> Self {
        let mut world = World::new(1);
        let pending = world.ask();
        let request = Request::parse(pending.request()).unwrap();
        let challenge = Challenge {
            card: world.card(),
            token: request.binding().fresh.clone(),
        };
        let answer = world.answer(&pending);
        let values = ["key of hospital-a", "key of hospital-b"];
        let base = Vector::new("none")
            .with("broker", world.id())
            .with_bytes("kem-seed", &World::KEM_SEED)
            .with_bytes("sig-seed", &World::SIG_SEED)
            .with_bytes("challenge", &challenge.encode())
            .with("program", world.program)
            .with("secrets", "hospital-a hospital-b")
            .with("purpose", "heart-disease-model")
            .with_bytes("evidence", &request.evidence().bytes)
            .with_bytes("request", pending.request())
            .with("values", values.map(|v| hex_encode(v.as_bytes())).join(" "));
        Self {
            world,
            answer,
            base,
        }
    }

    /// The answer after a change, signed by the honest key.
    fn signed(&self, deviation: &str, change: impl FnOnce(&mut Answer)) -> Vector {
        let mut answer = self.answer.clone();
        change(&mut answer);
        let bytes = answer.sign(&self.world.answer_key);
        self.base.renamed(deviation).with_bytes("answer", &bytes)
    }

    /// The same, with a log that holds the changed leaves.
    fn logged(&self, deviation: &str, change: impl FnOnce(&mut Answer)) -> Vector {
        self.signed(deviation, |answer| {
            change(answer);
            self.world.relog(answer);
        })
    }
}

pub(super) fn answers() -> Cases {
    let maker = Maker::new();
    let other = World::new(2);
    let foreign = maker.answer.sign(&other.answer_key);
    let mut cases = vec![
        ("good", maker.signed("none", |_| ())),
        (
            "other-key",
            maker
                .base
                .renamed("signed by another broker")
                .with_bytes("answer", &foreign),
        ),
        (
            "other-card",
            maker.signed("shows another broker's card", |a| a.card = other.card()),
        ),
        (
            "other-request",
            maker.signed("answers another request", |a| {
                a.request = Sha256Digest::new([1; 32]);
            }),
        ),
        (
            "missing-secret",
            maker.signed("a secret is missing", |a| a.releases.truncate(1)),
        ),
        (
            "secret-twice",
            maker.signed("a secret is there twice", |a| {
                a.releases.push(a.releases[0].clone());
            }),
        ),
    ];
    cases.extend(proofs(&maker, &other));
    cases
}

fn proofs(maker: &Maker, other: &World) -> Cases {
    vec![
        (
            "swapped-secrets",
            maker.signed("two sealed secrets are swapped", |a| {
                let first = a.releases[0].sealed.clone();
                a.releases[0].sealed = a.releases[1].sealed.clone();
                a.releases[1].sealed = first;
            }),
        ),
        (
            "other-version",
            maker.logged("logged and shown as another version than sealed", |a| {
                a.releases[0].version = 9;
                a.releases[0].leaf.version = Some(9);
            }),
        ),
        (
            "leaf-type",
            maker.logged("the leaf records a denial", |a| {
                a.releases[0].leaf.leaf_type = LeafType::Deny;
            }),
        ),
        (
            "leaf-program",
            maker.logged("the leaf names no program", |a| {
                a.releases[0].leaf.program = None;
            }),
        ),
        (
            "salt",
            maker.signed("another salt than the leaf's", |a| {
                a.releases[0].salt[0] ^= 1
            }),
        ),
        (
            "unlogged-leaf",
            maker.signed("the leaf is not the one in the log", |a| {
                a.releases[0].leaf.time = NOW.plus_secs(1);
            }),
        ),
        (
            "path",
            maker.signed("a hash of the inclusion proof is another", |a| {
                a.releases[0].path[0] = Sha256Digest::new([1; 32]);
            }),
        ),
        (
            "checkpoint",
            maker.signed("the checkpoint is another broker's", |a| other.relog(a)),
        ),
    ]
}
