use super::*;
use adyton_crypto::os_rng;
use adyton_tee_software::{PlatformKey, SoftwareReport};
use adyton_types::{ErrorClass, PlatformId, Protection, Protections, Sha256Digest};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn report(data: [u8; 64]) -> SoftwareReport {
    SoftwareReport::new(
        ReportData::new(data),
        Sha256Digest::new([8; 32]),
        Protections::from([Protection::Traced]),
    )
}

fn evidence(data: [u8; 64], key: &PlatformKey) -> Evidence {
    Evidence {
        kind: TeeKind::Software,
        bytes: report(data).sign(key),
    }
}

#[test]
fn claims_take_one_form() {
    let key = PlatformKey::generate(&mut os_rng());
    let expected = ReportData::new([7; 64]);
    let verified = verify(
        &evidence([7; 64], &key),
        &Endorsements::new(),
        &expected,
        NOW,
    )
    .unwrap();
    let claims = verified.claims();
    assert_eq!(claims.kind, TeeKind::Software);
    assert_eq!(claims.measurement.as_bytes(), [8; 32]);
    assert_eq!(claims.platform_id, PlatformId::from(key.fingerprint()));
    assert_eq!(claims.tcb.get(crate::Claims::SVN), Some(&1));
    assert_eq!(claims.protections, report([7; 64]).protections);
    assert!(!claims.debug);
    assert_eq!(verified.report_data(), &expected);
}

#[test]
fn foreign_and_empty_report_data_are_refused() {
    let key = PlatformKey::generate(&mut os_rng());
    let verify = |data, expected| {
        verify(
            &evidence(data, &key),
            &Endorsements::new(),
            &ReportData::new(expected),
            NOW,
        )
        .err()
    };
    let foreign = |found: [u8; 64], expected: [u8; 64]| {
        Some(VerifyError::ReportData {
            expected: expected.into(),
            found: found.into(),
        })
    };
    assert_eq!(verify([7; 64], [8; 64]), foreign([7; 64], [8; 64]));
    assert_eq!(verify([0; 64], [0; 64]), Some(VerifyError::EmptyReportData));
    let mut last = [7; 64];
    last[63] ^= 1;
    assert_eq!(verify(last, [7; 64]), foreign(last, [7; 64]));
}

#[test]
fn bytes_of_another_kind_are_refused_by_every_kind() {
    let key = PlatformKey::generate(&mut os_rng());
    let expected = ReportData::new([7; 64]);
    for kind in TeeKind::ALL {
        let mut evidence = evidence([7; 64], &key);
        evidence.kind = kind;
        let error = verify(&evidence, &Endorsements::new(), &expected, NOW).err();
        if kind == TeeKind::Software {
            assert_eq!(error, None);
        } else {
            assert!(error.is_some_and(|e| !e.check().is_empty()), "{kind}");
        }
    }
    let long = Evidence {
        kind: TeeKind::Software,
        bytes: vec![0; MAX_EVIDENCE_BYTES + 1],
    };
    let error = verify(&long, &Endorsements::new(), &expected, NOW).map_err(|e| e.class());
    assert_eq!(error.err(), Some(ErrorClass::Malformed));
}
