use std::collections::BTreeSet;

use adyton_appraisal::{HardwareRules, Judging, Measurements, PlatformPolicy};
use adyton_protocol::{
    LeafType, Pins, ReceiptDraft, ReceiptError, ReceiptPayload, ReleaseProof, verify_receipt,
};
use adyton_types::{ErrorClass, PlatformMeasurement, ReportData, Sha256Digest, TeeKind};

use crate::support::{NOW, POLICY, World, manifest, name, payload, pins, receipt};

/// A world in which two secrets were released, with the proofs.
fn released() -> (World, Vec<ReleaseProof>) {
    let mut world = World::new(1);
    let pending = world.ask();
    let answer = world.answer(&pending).sign(&world.answer_key);
    let (_, proofs, _) = pending.open(&answer).unwrap().into_parts();
    (world, proofs)
}

fn failures(bytes: &[u8], pins: &Pins) -> Vec<String> {
    match verify_receipt(bytes, pins, &Judging::default(), NOW) {
        Ok(_) => Vec::new(),
        Err(ReceiptError::Failed { failed, .. }) => failed.into_iter().map(|f| f.claim).collect(),
        Err(other) => panic!("{other}"),
    }
}

/// The checks that fail after the run's own keys and platform vouch for a changed payload.
fn after(change: impl FnOnce(&mut ReceiptPayload)) -> Vec<String> {
    let (world, proofs) = released();
    let mut payload = payload(manifest(None), proofs);
    change(&mut payload);
    failures(&receipt(&world, &payload), &pins(&world))
}

#[test]
fn an_honest_receipt_holds() {
    let (world, proofs) = released();
    let payload = payload(manifest(None), proofs);
    let bytes = receipt(&world, &payload);
    let verified = verify_receipt(&bytes, &pins(&world), &Judging::default(), NOW).unwrap();
    assert_eq!(verified.payload(), &payload);
    assert_eq!(verified.payload().program(), world.program);
    assert_eq!(
        verified.platform().platform_id,
        world.platform.fingerprint().into()
    );
    assert_eq!(after(|_| ()), Vec::<String>::new());
}

#[test]
fn pins_are_all_compared() {
    let (world, proofs) = released();
    let bytes = receipt(&world, &payload(manifest(None), proofs));
    let other = World::new(2);
    let mut platform = pins(&world);
    platform.platforms = vec![other.policy()];
    assert_eq!(failures(&bytes, &platform), ["platform-id"]);
    let mut brokers = pins(&world);
    brokers.brokers = [other.id()].into();
    assert_eq!(
        failures(&bytes, &brokers),
        ["releases.0.card", "releases.1.card"]
    );
    let mut programs = pins(&world);
    programs.programs.clear();
    assert_eq!(failures(&bytes, &programs), ["program"]);
    let nothing = Pins {
        platforms: Vec::new(),
        programs: [].into(),
        brokers: [].into(),
    };
    assert_eq!(
        failures(&bytes, &nothing),
        ["platform", "program", "releases.0.card", "releases.1.card"]
    );
}

#[test]
fn files_are_exactly_the_manifests() {
    assert_eq!(after(|p| p.inputs.truncate(1)), ["inputs"]);
    assert_eq!(after(|p| p.inputs.swap(0, 1)), ["inputs"]);
    assert_eq!(after(|p| p.inputs[0].name = name("other")), ["inputs"]);
    assert_eq!(after(|p| p.outputs.clear()), ["outputs"]);
    assert_eq!(after(|p| p.outputs.push(p.outputs[0].clone())), ["outputs"]);
    assert_eq!(
        after(|p| p.inputs[1].release = 2),
        ["inputs.hospital-b.release"]
    );
    assert_eq!(after(|p| p.exit = 1), ["exit"]);
}

#[test]
fn every_release_is_proven() {
    let first = |change: fn(&mut ReleaseProof)| after(|p| change(&mut p.releases[0]));
    let salt = first(|r| r.salt[0] ^= 1);
    assert_eq!(salt, ["releases.0.leaf-secret", "releases.0.leaf-policy"]);
    assert_eq!(first(|r| r.secret = name("x")), ["releases.0.leaf-secret"]);
    assert_eq!(first(|r| r.version += 1), ["releases.0.leaf-version"]);
    assert_eq!(first(|r| r.request = POLICY), ["releases.0.leaf-request"]);
    let policy = first(|r| r.policy = Sha256Digest::new([1; 32]));
    assert_eq!(policy, ["releases.0.leaf-policy"]);
    assert_eq!(first(|r| r.index += 1), ["releases.0.inclusion"]);
    assert_eq!(first(|r| r.path[0] = POLICY), ["releases.0.inclusion"]);
    assert_eq!(first(|r| r.leaf.detail.push('x')), ["releases.0.inclusion"]);
    let checkpoint = first(|r| r.checkpoint = r.checkpoint.replacen("\n3\n", "\n4\n", 1));
    assert_eq!(checkpoint, ["releases.0.checkpoint"]);
    assert_eq!(
        first(|r| r.leaf.leaf_type = LeafType::Deny),
        ["releases.0.leaf-type", "releases.0.inclusion"]
    );
    assert_eq!(
        first(|r| r.leaf.platform = None),
        ["releases.0.inclusion", "releases.0.leaf-platform"]
    );
    let card = first(|r| r.card = World::new(2).card());
    assert_eq!(card, ["releases.0.card", "releases.0.checkpoint"]);
}

#[test]
fn another_manifest_is_another_program() {
    let broker = World::new(1).id();
    let failed = after(|p| p.manifest = manifest(Some(broker)));
    assert_eq!(
        failed,
        [
            "program",
            "releases.0.leaf-program",
            "releases.1.leaf-program"
        ]
    );
    let other = World::new(2).id();
    let failed = after(|p| p.manifest = manifest(Some(other)));
    assert!(
        failed.contains(&"inputs.hospital-a.release".to_owned()),
        "{failed:?}"
    );
}

#[test]
fn evidence_of_another_platform_or_binding_is_refused() {
    let (world, proofs) = released();
    let other = World::new(2);
    let draft = ReceiptDraft::new(&world.keys, &payload(manifest(None), proofs)).unwrap();
    let with = |evidence, pins: &Pins| failures(&draft.finish(&evidence), pins);
    let foreign = world.evidence(ReportData::new([1; 64]));
    assert_eq!(with(foreign, &pins(&world)), ["evidence"]);
    let empty = world.evidence(ReportData::new([0; 64]));
    assert_eq!(with(empty, &pins(&world)), ["evidence"]);
    let elsewhere = other.evidence(draft.report_data());
    assert_eq!(with(elsewhere.clone(), &pins(&world)), ["platform-id"]);
    // A pinned platform, but not the one that the secrets were released to.
    let mut both = pins(&world);
    both.platforms.push(other.policy());
    assert_eq!(
        with(elsewhere, &both),
        ["releases.0.leaf-platform", "releases.1.leaf-platform"]
    );
}

#[test]
fn failures_are_rejections_and_forms_are_not() {
    let (world, proofs) = released();
    let bytes = receipt(&world, &payload(manifest(None), proofs));
    let class = |bytes: &[u8], pins: &Pins| {
        verify_receipt(bytes, pins, &Judging::default(), NOW)
            .map_err(|e| e.class())
            .err()
    };
    let other = pins(&World::new(2));
    assert_eq!(class(&bytes, &other), Some(ErrorClass::Rejected));
    assert_eq!(
        class(&bytes[1..], &pins(&world)),
        Some(ErrorClass::Malformed)
    );
    let message = verify_receipt(&bytes, &other, &Judging::default(), NOW)
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("the receipt does not hold: platform-id: expected "));
}

#[test]
fn a_platform_that_can_be_anybodys_vouches_for_no_receipt() {
    let (world, proofs) = released();
    let bytes = receipt(&world, &payload(manifest(None), proofs));
    for (kind, measurements, concern) in [
        // Whoever rents such a machine writes a receipt of any program there.
        (TeeKind::Snp, Measurements::Any, None),
        // Its host looks into it and takes the run's keys.
        (TeeKind::Snp, listed(), Some("debug")),
        // It vouches for what its host asks it to.
        (TeeKind::NvidiaGpu, listed(), None),
    ] {
        let mut rules = HardwareRules::new(kind, measurements);
        rules.concerns.extend(concern.map(ToOwned::to_owned));
        let mut pins = pins(&world);
        pins.platforms
            .push(PlatformPolicy::hardware(rules).unwrap());
        let error = verify_receipt(&bytes, &pins, &Judging::default(), NOW).unwrap_err();
        assert!(matches!(error, ReceiptError::Pins(_)), "{error}");
        assert_eq!(error.class(), ErrorClass::Malformed);
    }
}

fn listed() -> Measurements {
    let measurement = PlatformMeasurement::new(&[0x12; 48]).unwrap();
    Measurements::Listed(BTreeSet::from([measurement]))
}
