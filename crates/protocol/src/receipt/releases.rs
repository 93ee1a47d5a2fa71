//! The part of a receipt's verification that is about inputs, outputs and releases.

use std::collections::BTreeSet;

use adyton_appraisal::FailedClaim;
use adyton_types::{Fingerprint, ProgramMeasurement};
use adyton_verifier::Claims;

use super::ReceiptPayload;
use super::manifest_view::ManifestView;
use crate::{LeafPlatform, ReleaseProof, WireError};

/// Inputs and outputs are exactly the manifest's, and every input was opened by a release of the
/// broker that the manifest demands.
pub(super) fn files(payload: &ReceiptPayload) -> Result<Vec<FailedClaim>, WireError> {
    let manifest = ManifestView::parse(&payload.manifest)?;
    let mut failed = Vec::new();
    let wanted = manifest.inputs.iter().map(|(name, _)| name.as_str());
    let found = payload.inputs.iter().map(|input| input.name.as_str());
    compare(&mut failed, "inputs", wanted, found);
    let wanted = manifest.outputs.iter().map(|name| name.as_str());
    let found = payload.outputs.iter().map(|output| output.name.as_str());
    compare(&mut failed, "outputs", wanted, found);
    for input in &payload.inputs {
        let claim = format!("inputs.{}.release", input.name);
        let index = usize::try_from(input.release).ok();
        let Some(release) = index.and_then(|index| payload.releases.get(index)) else {
            let expected = format!("one of {} releases", payload.releases.len());
            failed.push(FailedClaim::new(&claim, expected, input.release));
            continue;
        };
        let demanded = manifest.inputs.iter().find(|(name, _)| *name == input.name);
        if let Some((_, Some(broker))) = demanded
            && release.card.id() != *broker
        {
            failed.push(FailedClaim::new(&claim, broker, release.card.id()));
        }
    }
    Ok(failed)
}

fn compare<'a>(
    failed: &mut Vec<FailedClaim>,
    claim: &str,
    wanted: impl Iterator<Item = &'a str>,
    found: impl Iterator<Item = &'a str>,
) {
    let (wanted, found): (Vec<_>, Vec<_>) = (wanted.collect(), found.collect());
    if wanted != found {
        failed.push(FailedClaim::new(claim, wanted.join(", "), found.join(", ")));
    }
}

/// Every release is proven by the log of a pinned broker, for this program on this platform.
/// `platform` is absent where the Evidence itself has failed, which is named already.
pub(super) fn releases(
    releases: &[ReleaseProof],
    program: &ProgramMeasurement,
    brokers: &BTreeSet<Fingerprint>,
    platform: Option<&Claims>,
) -> Vec<FailedClaim> {
    let mut failed = Vec::new();
    for (index, release) in releases.iter().enumerate() {
        let claim = format!("releases.{index}");
        let id = release.card.id();
        if !brokers.contains(&id) {
            let claim = format!("{claim}.card");
            failed.push(FailedClaim::new(&claim, "a pinned broker", id));
        }
        let problems = release.failures(program).into_iter();
        failed.extend(problems.map(|why| {
            let claim = format!("{claim}.{}", why.name());
            FailedClaim::new(&claim, "a proven release", why)
        }));
        if platform.is_some_and(|claims| !same_platform(release, claims)) {
            let claim = format!("{claim}.leaf-platform");
            let expected = "the platform of the receipt's Evidence";
            failed.push(FailedClaim::new(&claim, expected, "another platform"));
        }
    }
    failed
}

fn same_platform(release: &ReleaseProof, claims: &Claims) -> bool {
    release.leaf.platform.as_ref().is_some_and(|platform| {
        let LeafPlatform {
            kind,
            measurement,
            id,
        } = platform;
        *kind == claims.kind && *measurement == claims.measurement && *id == claims.platform_id
    })
}
