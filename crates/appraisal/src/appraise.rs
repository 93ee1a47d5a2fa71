use std::fmt;

use adyton_types::ReportData;
use adyton_verifier::{Claims, VerifiedEvidence};

use crate::{FailedClaim, PlatformPolicy};

/// A platform that its owner's policy accepts. Having one tells you that a TEE vouches for
/// `report_data()`, and that its claims satisfied one of the policies in full.
///
/// Nobody else makes one:
/// ```compile_fail,E0451
/// # fn forge(claims: adyton_verifier::Claims, report_data: adyton_types::ReportData) {
/// adyton_appraisal::Appraised { claims, report_data, policy: 0 };
/// # }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Appraised {
    claims: Claims,
    report_data: ReportData,
    policy: usize,
}

impl Appraised {
    /// The claims that were accepted.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The binding's digest that the platform vouches for.
    #[must_use]
    pub const fn report_data(&self) -> &ReportData {
        &self.report_data
    }

    /// Index of the policy that accepted them.
    #[must_use]
    pub const fn policy(&self) -> usize {
        self.policy
    }
}

/// Appraises verified Evidence: one of the policies must be satisfied in full.
///
/// # Errors
/// Not an error but a result: every claim that fails the closest of the policies. Where there are
/// several, the claims are prefixed `platform-N.`, counted from 1. Where there are none, the one
/// failed claim is `platform`.
pub fn appraise(
    evidence: &VerifiedEvidence,
    policies: &[PlatformPolicy],
) -> Result<Appraised, Vec<FailedClaim>> {
    let claims = evidence.claims();
    let mut closest: Option<(bool, usize, Vec<FailedClaim>)> = None;
    for (index, policy) in policies.iter().enumerate() {
        let failed = failures(claims, policy);
        if failed.is_empty() {
            return Ok(Appraised {
                claims: claims.clone(),
                report_data: *evidence.report_data(),
                policy: index,
            });
        }
        // Another kind of TEE is farther than any number of other claims.
        let distance = (policy.kind() != claims.kind, failed.len());
        if closest
            .as_ref()
            .is_none_or(|(kind, _, best)| distance < (*kind, best.len()))
        {
            closest = Some((distance.0, index, failed));
        }
    }
    Err(match closest {
        None => vec![FailedClaim::new(
            "platform",
            "an accepted platform",
            "no platform is accepted",
        )],
        Some((_, index, failed)) if policies.len() > 1 => prefixed(index, failed),
        Some((_, _, failed)) => failed,
    })
}

fn prefixed(index: usize, mut failed: Vec<FailedClaim>) -> Vec<FailedClaim> {
    for failure in &mut failed {
        failure.claim = format!("platform-{}.{}", index.saturating_add(1), failure.claim);
    }
    failed
}

/// Every claim that the policy does not accept.
fn failures(claims: &Claims, policy: &PlatformPolicy) -> Vec<FailedClaim> {
    let mut failed = Vec::new();
    if claims.kind != policy.kind() {
        failed.push(FailedClaim::new("kind", policy.kind(), claims.kind));
    }
    if !policy.measurements().contains(&claims.measurement) {
        let expected = one_of(policy.measurements());
        failed.push(FailedClaim::new(
            "measurement",
            expected,
            &claims.measurement,
        ));
    }
    let ids = policy.platform_ids();
    if !ids.is_empty() && !ids.contains(&claims.platform_id) {
        failed.push(FailedClaim::new(
            "platform-id",
            one_of(ids),
            &claims.platform_id,
        ));
    }
    if claims.debug {
        failed.push(FailedClaim::new("debug", false, true));
    }
    for (component, least) in policy.tcb() {
        let found = claims.tcb.get(component);
        if found.is_none_or(|found| found < least) {
            let found = found.map_or_else(|| "nothing".to_owned(), u64::to_string);
            let expected = format!("at least {least}");
            failed.push(FailedClaim::new(&tcb_claim(component), expected, found));
        }
    }
    for protection in policy.require().difference(&claims.protections) {
        let claim = format!("require.{protection}");
        failed.push(FailedClaim::new(&claim, true, false));
    }
    failed
}

fn tcb_claim(component: &str) -> String {
    if component == Claims::SVN {
        "min-svn".to_owned()
    } else {
        format!("tcb.{component}")
    }
}

/// The first few values: a message for a person, who looks the rest up in the document.
fn one_of<T: fmt::Display>(values: impl IntoIterator<Item = T>) -> String {
    const SHOWN: usize = 8;
    let mut values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    let more = values.len().saturating_sub(SHOWN);
    if more > 0 {
        values.truncate(SHOWN);
        values.push(format!("{more} more"));
    }
    values.join(" or ")
}
