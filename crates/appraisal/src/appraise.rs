use adyton_types::ReportData;
use adyton_verifier::{Claims, VerifiedEvidence};

use crate::judge::failures;
use crate::{Context, FailedClaim, PlatformPolicy};

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
    context: &Context<'_>,
) -> Result<Appraised, Vec<FailedClaim>> {
    let policy = judge(evidence.claims(), policies, context)?;
    Ok(Appraised {
        claims: evidence.claims().clone(),
        report_data: *evidence.report_data(),
        policy,
    })
}

/// Compares claims with policies, whoever states them, and gives the index of the first that they
/// satisfy in full.
pub(crate) fn judge(
    claims: &Claims,
    policies: &[PlatformPolicy],
    context: &Context<'_>,
) -> Result<usize, Vec<FailedClaim>> {
    match nearest(claims, policies, context) {
        (Some(index), failed) if failed.is_empty() => Ok(index),
        (_, failed) => Err(failed),
    }
}

/// The index of the first policy that the claims satisfy in full, or else of the closest, with every
/// claim that fails it; none if there is no policy.
pub(crate) fn nearest(
    claims: &Claims,
    policies: &[PlatformPolicy],
    context: &Context<'_>,
) -> (Option<usize>, Vec<FailedClaim>) {
    let mut closest: Option<(bool, usize, Vec<FailedClaim>)> = None;
    for (index, policy) in policies.iter().enumerate() {
        let failed = failures(claims, policy, context);
        if failed.is_empty() {
            return (Some(index), failed);
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
    match closest {
        None => {
            let (expected, found) = ("an accepted platform", "no platform is accepted");
            (None, vec![FailedClaim::new("platform", expected, found)])
        }
        Some((_, index, failed)) if policies.len() > 1 => (Some(index), prefixed(index, failed)),
        Some((_, index, failed)) => (Some(index), failed),
    }
}

fn prefixed(index: usize, mut failed: Vec<FailedClaim>) -> Vec<FailedClaim> {
    for failure in &mut failed {
        failure.claim = format!("platform-{}.{}", index.saturating_add(1), failure.claim);
    }
    failed
}
