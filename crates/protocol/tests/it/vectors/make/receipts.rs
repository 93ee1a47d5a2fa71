use adyton_protocol::{ReceiptDraft, ReceiptPayload, ReleaseProof};

use super::Cases;
use crate::support::{NOW, World, manifest, name, payload};
use crate::vectors::file::Vector;

fn proofs(world: &mut World) -> Vec<ReleaseProof> {
    let pending = world.ask();
    let answer = world.answer(&pending).sign(&world.answer_key);
    pending.open(&answer).unwrap().into_parts().1
}

pub(super) fn receipts() -> Cases {
    let mut world = World::new(1);
    let other = World::new(2);
    let honest = payload(manifest(None), proofs(&mut world));
    let vector = |deviation: &str, receipt: &[u8]| {
        Vector::new(deviation)
            .with("now", NOW.as_secs())
            .with("platform-id", world.platform.fingerprint())
            .with_bytes("measurement", &[0xee; 32])
            .with("program", world.program)
            .with("broker", world.id())
            .with_bytes("receipt", receipt)
    };
    let made = |deviation: &str, change: fn(&mut ReceiptPayload)| {
        let mut payload = honest.clone();
        change(&mut payload);
        let draft = ReceiptDraft::new(&world.keys, &payload).unwrap();
        let evidence = world.evidence(draft.report_data());
        vector(deviation, &draft.finish(&evidence))
    };
    let draft = ReceiptDraft::new(&world.keys, &honest).unwrap();
    let elsewhere = draft.finish(&other.evidence(draft.report_data()));
    let unbound = draft.finish(&world.evidence(adyton_types::ReportData::new([1; 64])));
    vec![
        ("good", made("none", |_| ())),
        (
            "other-platform",
            vector("vouched for by another platform", &elsewhere),
        ),
        (
            "other-binding",
            vector("Evidence about another binding", &unbound),
        ),
        (
            "other-manifest",
            made("another program", |p| {
                p.manifest = manifest(Some(World::new(1).id()))
            }),
        ),
        ("exit", made("the program failed", |p| p.exit = 1)),
        (
            "renamed-input",
            made("an input that the manifest does not name", |p| {
                p.inputs[0].name = name("other");
            }),
        ),
        (
            "no-release",
            made("an input without its release", |p| p.inputs[1].release = 2),
        ),
        (
            "unlogged",
            made("a leaf that is not in the log", |p| {
                p.releases[0].leaf.detail.push('x')
            }),
        ),
        (
            "other-secret",
            made("a release of a secret that the leaf is not about", |p| {
                p.releases[0].secret = name("other");
            }),
        ),
        (
            "other-broker",
            made("a release of a broker that is not pinned", |p| {
                p.releases[1].card = World::new(2).card();
            }),
        ),
    ]
}
