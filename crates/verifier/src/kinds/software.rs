use std::collections::{BTreeMap, BTreeSet};

use adyton_tee_software::SoftwareClaims;
use adyton_types::{Check, TeeKind, UnixTime};

use crate::{AuthenticEvidence, Claims, VerifyError};

/// The documents behind the checks of the software TEE.
const SPEC: &str = "specs/software-evidence.md";

pub(crate) fn authenticate(bytes: &[u8]) -> Result<AuthenticEvidence, VerifyError> {
    let report = adyton_tee_software::verify(bytes)?.into_claims();
    let checks = vec![
        Check::new("software-form", SPEC, "all fields, in their one encoding"),
        Check::new(
            "platform-signature",
            SPEC,
            format!("signed by the platform key {}", report.platform),
        ),
    ];
    Ok(AuthenticEvidence {
        report_data: report.report_data.as_bytes().to_vec(),
        claims: claims(&report),
        checks,
    })
}

fn claims(claims: &SoftwareClaims) -> Claims {
    Claims {
        kind: TeeKind::Software,
        generation: String::new(),
        measurement: claims.executable.into(),
        platform_id: claims.platform.into(),
        tcb: BTreeMap::from([(Claims::SVN.to_owned(), claims.svn)]),
        standing: None,
        protections: claims.protections.clone(),
        debug: false,
        concerns: BTreeSet::new(),
        attributes: BTreeMap::new(),
        made_at: None,
        valid_until: UnixTime::MAX,
    }
}
