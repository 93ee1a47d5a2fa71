use std::collections::BTreeSet;

use adyton_crypto::os_rng;
use adyton_tee_software::{PlatformKey, SoftwareReport};
use adyton_types::{
    Evidence, PlatformId, PlatformMeasurement, Protection, Protections, ReportData, Sha256Digest,
    TeeKind, UnixTime,
};
use adyton_verifier::{Endorsements, VerifiedEvidence, verify};

use super::hardware_rules;
use crate::{Context, FailedClaim, PlatformPolicy, PolicyError, appraise};

const AT: Context<'static> = Context::at(UnixTime::from_secs(0));

const DATA: ReportData = ReportData::new([7; 64]);

fn verified(key: &PlatformKey, svn: u64, protections: &[Protection]) -> VerifiedEvidence {
    let report = SoftwareReport {
        report_data: DATA,
        executable: Sha256Digest::new([8; 32]),
        svn,
        protections: protections.iter().copied().collect(),
    };
    let evidence = Evidence {
        kind: TeeKind::Software,
        bytes: report.sign(key),
    };
    verify(
        &evidence,
        &Endorsements::new(),
        &DATA,
        UnixTime::from_secs(0),
    )
    .unwrap()
}

fn measurements(byte: u8) -> BTreeSet<PlatformMeasurement> {
    BTreeSet::from([PlatformMeasurement::new(&[byte; 32]).unwrap()])
}

fn policy(key: &PlatformKey, byte: u8, min_svn: u64) -> PlatformPolicy {
    PlatformPolicy::software(
        measurements(byte),
        BTreeSet::from([key.fingerprint().into()]),
        min_svn,
        Protections::from(Protection::ALL),
    )
    .unwrap()
}

fn claims(failed: Vec<FailedClaim>) -> Vec<String> {
    failed.into_iter().map(|failed| failed.claim).collect()
}

#[test]
fn one_policy_in_full_is_enough() {
    let (ours, other) = (
        PlatformKey::generate(&mut os_rng()),
        PlatformKey::generate(&mut os_rng()),
    );
    let evidence = verified(&ours, 1, &Protection::ALL);
    let appraised = appraise(&evidence, &[policy(&other, 8, 1), policy(&ours, 8, 1)], &AT).unwrap();
    assert_eq!(appraised.policy(), 1);
    assert_eq!(appraised.claims(), evidence.claims());
    assert_eq!(appraised.report_data(), &DATA);
}

#[test]
fn every_failing_claim_is_named() {
    let (ours, other) = (
        PlatformKey::generate(&mut os_rng()),
        PlatformKey::generate(&mut os_rng()),
    );
    let evidence = verified(&ours, 1, &[Protection::Seccomp, Protection::Traced]);
    let failed = appraise(&evidence, &[policy(&other, 9, 2)], &AT).unwrap_err();
    assert_eq!(failed[0].expected, "09".repeat(32));
    assert_eq!(failed[0].found, "08".repeat(32));
    assert_eq!(
        failed[2].to_string(),
        "min-svn: expected at least 2, found 1"
    );
    assert_eq!(
        claims(failed),
        [
            "measurement",
            "platform-id",
            "min-svn",
            "require.landlock",
            "require.no-core",
            "require.secret-memory",
        ]
    );
}

#[test]
fn the_closest_policy_speaks() {
    let (ours, other) = (
        PlatformKey::generate(&mut os_rng()),
        PlatformKey::generate(&mut os_rng()),
    );
    let evidence = verified(&ours, 1, &Protection::ALL);
    let hardware = PlatformPolicy::hardware(hardware_rules(TeeKind::Snp)).unwrap();
    let policies = [hardware.clone(), policy(&other, 9, 2), policy(&ours, 9, 1)];
    assert_eq!(
        claims(appraise(&evidence, &policies, &AT).unwrap_err()),
        ["platform-3.measurement"]
    );
    assert_eq!(
        claims(appraise(&evidence, &[hardware], &AT).unwrap_err()),
        ["kind", "measurement", "vmpl"]
    );
    assert_eq!(
        claims(appraise(&evidence, &[], &AT).unwrap_err()),
        ["platform"]
    );
}

#[test]
fn policies_that_accept_anything_do_not_exist() {
    let ids = BTreeSet::from([PlatformId::new(&[1; 32]).unwrap()]);
    let software = |measurements, ids| {
        PlatformPolicy::software(measurements, ids, 1, Protections::new()).err()
    };
    let none = BTreeSet::new();
    assert_eq!(
        software(none, ids.clone()),
        Some(PolicyError::NoMeasurements)
    );
    assert_eq!(
        software(measurements(8), BTreeSet::new()),
        Some(PolicyError::NoPlatformIds)
    );
    let short = BTreeSet::from([PlatformId::new(&[1; 16]).unwrap()]);
    assert!(matches!(
        software(measurements(8), short),
        Some(PolicyError::WrongLength {
            what: "platform id",
            ..
        })
    ));
    assert_eq!(
        PlatformPolicy::hardware(hardware_rules(TeeKind::Software)).err(),
        Some(PolicyError::NotHardware)
    );
}
