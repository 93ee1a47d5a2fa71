use adyton_crypto::ct_eq;
use adyton_types::{Evidence, MAX_EVIDENCE_BYTES, ReportData, TeeKind, UnixTime};

use crate::{Claims, VerifyError};

/// Evidence that verified. Having one tells you that a TEE of `claims().kind` stated the claims,
/// to somebody who asked it to vouch for exactly `report_data()`. Whether that TEE is one to trust
/// is not decided here.
///
/// Nobody else makes one:
/// ```compile_fail,E0451
/// # fn forge(claims: adyton_verifier::Claims, report_data: adyton_types::ReportData) {
/// adyton_verifier::VerifiedEvidence { claims, report_data };
/// # }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct VerifiedEvidence {
    claims: Claims,
    report_data: ReportData,
}

impl VerifiedEvidence {
    /// What the Evidence states.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The binding's digest that it vouches for.
    #[must_use]
    pub const fn report_data(&self) -> &ReportData {
        &self.report_data
    }
}

/// Verifies Evidence: that it is authentic at `now`, and that its report data is `expected`, which
/// the caller has computed from a binding whose every field it has itself checked.
///
/// `now` is the Verifier's own clock. Software Evidence carries no certificates and does not need
/// it; its freshness is the token in the binding.
///
/// # Errors
/// [`VerifyError`]. Kinds that are not built in are refused by name.
pub fn verify(
    evidence: &Evidence,
    expected: &ReportData,
    _now: UnixTime,
) -> Result<VerifiedEvidence, VerifyError> {
    let found = evidence.bytes.len();
    if found > MAX_EVIDENCE_BYTES {
        return Err(VerifyError::TooLong { found });
    }
    let (claims, stated) = match evidence.kind {
        TeeKind::Software => {
            let report = adyton_tee_software::verify(&evidence.bytes)?.into_claims();
            (Claims::from(&report), report.report_data)
        }
        kind => return Err(VerifyError::UnsupportedKind { kind }),
    };
    if ct_eq(stated.as_bytes(), &[0; 64]) {
        return Err(VerifyError::EmptyReportData);
    }
    if !ct_eq(stated.as_bytes(), expected.as_bytes()) {
        return Err(VerifyError::ReportData);
    }
    Ok(VerifiedEvidence {
        claims,
        report_data: stated,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use adyton_crypto::os_rng;
    use adyton_tee_software::{PlatformKey, Protection, Protections, SoftwareReport};
    use adyton_types::{ErrorClass, PlatformId, Sha256Digest};

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
        let verified = verify(&evidence([7; 64], &key), &expected, NOW).unwrap();
        let claims = verified.claims();
        assert_eq!(claims.kind, TeeKind::Software);
        assert_eq!(claims.measurement.as_bytes(), [8; 32]);
        assert_eq!(claims.platform_id, PlatformId::from(key.fingerprint()));
        assert_eq!(claims.tcb.get(Claims::SVN), Some(&1));
        assert_eq!(claims.protections, report([7; 64]).protections);
        assert!(!claims.debug);
        assert_eq!(verified.report_data(), &expected);
    }

    #[test]
    fn foreign_and_empty_report_data_are_refused() {
        let key = PlatformKey::generate(&mut os_rng());
        let verify =
            |data, expected| verify(&evidence(data, &key), &ReportData::new(expected), NOW).err();
        assert_eq!(verify([7; 64], [8; 64]), Some(VerifyError::ReportData));
        assert_eq!(verify([0; 64], [0; 64]), Some(VerifyError::EmptyReportData));
        let mut last = [7; 64];
        last[63] ^= 1;
        assert_eq!(verify(last, [7; 64]), Some(VerifyError::ReportData));
    }

    #[test]
    fn kinds_that_are_not_built_in_are_refused_by_name() {
        let key = PlatformKey::generate(&mut os_rng());
        let expected = ReportData::new([7; 64]);
        for kind in TeeKind::ALL {
            let mut evidence = evidence([7; 64], &key);
            evidence.kind = kind;
            let error = verify(&evidence, &expected, NOW).err();
            if kind == TeeKind::Software {
                assert_eq!(error, None);
            } else {
                assert_eq!(error, Some(VerifyError::UnsupportedKind { kind }));
                assert_eq!(error.map(|e| e.class()), Some(ErrorClass::Rejected));
            }
        }
        let long = Evidence {
            kind: TeeKind::Software,
            bytes: vec![0; MAX_EVIDENCE_BYTES + 1],
        };
        let error = verify(&long, &expected, NOW).map_err(|e| e.class());
        assert_eq!(error.err(), Some(ErrorClass::Malformed));
    }
}
