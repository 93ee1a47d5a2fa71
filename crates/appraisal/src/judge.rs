//! The comparisons. Each leaves the claim that failed in words, and all are made.

use std::collections::BTreeSet;
use std::fmt;

use adyton_verifier::{Claims, TcbStanding};

use crate::vocabulary;
use crate::{Advisories, Context, FailedClaim, HardwareRules, Measurements, PlatformPolicy};

/// Every claim that the policy does not accept.
pub(crate) fn failures(
    claims: &Claims,
    policy: &PlatformPolicy,
    context: &Context<'_>,
) -> Vec<FailedClaim> {
    let rules = policy.rules();
    let mut failed = Vec::new();
    if claims.kind != rules.kind {
        failed.push(FailedClaim::new("kind", rules.kind, claims.kind));
    }
    failed.extend(generation(claims, rules));
    failed.extend(measurement(claims, rules, context));
    failed.extend(platform_id(claims, rules));
    if claims.debug && !rules.concerns.contains("debug") {
        failed.push(FailedClaim::new("debug", false, true));
    }
    failed.extend(floors(claims, rules));
    failed.extend(standing(claims, rules, context));
    failed.extend(concerns(claims, rules));
    failed.extend(vmpl(claims, rules));
    failed.extend(age(claims, rules, context));
    failed.extend(attributes(claims, rules));
    for protection in policy.require().difference(&claims.protections) {
        let claim = format!("require.{protection}");
        failed.push(FailedClaim::new(&claim, true, false));
    }
    failed
}

/// Evidence of several devices names the generation of each (`HOPPER+LS10`): none may be a denied one.
fn generation(claims: &Claims, rules: &HardwareRules) -> Option<FailedClaim> {
    let found = &claims.generation;
    let failed = |expected: String| Some(FailedClaim::new("generation", expected, found));
    let mut each = found.split('+');
    if each
        .clone()
        .any(|device| rules.deny_generations.contains(device))
    {
        return failed(format!("not {}", one_of(&rules.deny_generations)));
    }
    if !rules.generations.is_empty() && !each.all(|device| rules.generations.contains(device)) {
        return failed(one_of(&rules.generations));
    }
    None
}

fn measurement(
    claims: &Claims,
    rules: &HardwareRules,
    context: &Context<'_>,
) -> Option<FailedClaim> {
    let found = &claims.measurement;
    match &rules.measurements {
        Measurements::Any => None,
        Measurements::Listed(listed) if listed.contains(found) => None,
        Measurements::Listed(listed) => {
            Some(FailedClaim::new("measurement", one_of(listed), found))
        }
        Measurements::Signed(source) => {
            let list = match context.references.current(source, context.now) {
                Ok(list) => list,
                Err(why) => {
                    let expected = format!("a list {source} that is in date");
                    return Some(FailedClaim::new("reference-values", expected, why));
                }
            };
            if list.note(claims.kind, found).is_some() {
                return None;
            }
            let expected = format!("one of those in the list {source}");
            Some(FailedClaim::new("measurement", expected, found))
        }
    }
}

/// A machine that is denied is so by each id that it has: its owner gives it a new platform instance id
/// by a factory reset, and a GPU another id of the whole by a second one beside it.
fn platform_id(claims: &Claims, rules: &HardwareRules) -> Option<FailedClaim> {
    let found = &claims.platform_id;
    let expected = "none of those that are denied";
    if rules.deny_platform_ids.contains(found) {
        return Some(FailedClaim::new("platform-id", expected, found));
    }
    let denied: BTreeSet<String> = rules
        .deny_platform_ids
        .iter()
        .map(ToString::to_string)
        .collect();
    let others = claims
        .attributes
        .iter()
        .filter(|(name, _)| vocabulary::is_id(name));
    let mut others = others.map(|(_, id)| id.to_string());
    if let Some(other) = others.find(|id| denied.contains(id)) {
        return Some(FailedClaim::new("platform-id", expected, other));
    }
    let ids = &rules.platform_ids;
    (!ids.is_empty() && !ids.contains(found))
        .then(|| FailedClaim::new("platform-id", one_of(ids), found))
}

fn floors(claims: &Claims, rules: &HardwareRules) -> Vec<FailedClaim> {
    let below = rules.tcb.iter().filter_map(|(component, least)| {
        let found = claims.tcb.get(component);
        if found.is_some_and(|found| found >= least) {
            return None;
        }
        let found = found.map_or_else(|| "nothing".to_owned(), u64::to_string);
        let claim = if claims.kind == rules.kind && component == Claims::SVN {
            "min-svn".to_owned()
        } else {
            format!("tcb.{component}")
        };
        Some(FailedClaim::new(&claim, format!("at least {least}"), found))
    });
    below.collect()
}

/// What the vendor says of the TCB. A kind whose vendor says something must say it.
fn standing(claims: &Claims, rules: &HardwareRules, context: &Context<'_>) -> Vec<FailedClaim> {
    if !vocabulary::is_intel(rules.kind) {
        return Vec::new();
    }
    let Some(standing) = &claims.standing else {
        let expected = one_of(rules.statuses.keys());
        return vec![FailedClaim::new("status", expected, "nothing")];
    };
    let mut failed = Vec::new();
    failed.extend(status(standing, rules, context));
    failed.extend(advisories(standing, rules, context));
    if standing.evaluation < rules.min_evaluation {
        let expected = format!("at least {}", rules.min_evaluation);
        failed.push(FailedClaim::new(
            "min-evaluation",
            expected,
            standing.evaluation,
        ));
    }
    failed
}

fn status(
    standing: &TcbStanding,
    rules: &HardwareRules,
    context: &Context<'_>,
) -> Option<FailedClaim> {
    let found = &standing.status;
    let Some(grace) = rules.statuses.get(found) else {
        let expected = one_of(rules.statuses.keys());
        return Some(FailedClaim::new("status", expected, found));
    };
    let until = grace.until(standing.date);
    (context.now > until).then(|| {
        let expected = format!("{found} until {until} at the latest");
        FailedClaim::new("status", expected, format!("{found} at {}", context.now))
    })
}

fn advisories(
    standing: &TcbStanding,
    rules: &HardwareRules,
    context: &Context<'_>,
) -> Vec<FailedClaim> {
    let Advisories::Listed(listed) = &rules.advisories else {
        return Vec::new();
    };
    let failed = standing.advisories.iter().filter_map(|advisory| {
        let claim = format!("advisory.{advisory}");
        let Some(grace) = listed.get(advisory) else {
            return Some(FailedClaim::new(&claim, "does not apply", "applies"));
        };
        let until = grace.until(standing.date);
        (context.now > until).then(|| {
            let expected = format!("applies until {until} at the latest");
            FailedClaim::new(&claim, expected, format!("applies at {}", context.now))
        })
    });
    failed.collect()
}

/// Weaknesses that nobody has accepted. `debug` and `requester` are told by claims of their own; a
/// cloud's key is that of the cloud that the policy names, or fails as an attribute.
fn concerns(claims: &Claims, rules: &HardwareRules) -> Vec<FailedClaim> {
    let mut clouds = vocabulary::CLOUD.iter();
    let names_cloud = clouds.any(|name| rules.attributes.contains_key(*name));
    let own = |name: &str| match name {
        "debug" => true,
        "requester" => vocabulary::is_snp(claims.kind),
        "cloud-key" => names_cloud,
        _ => false,
    };
    let found = claims.concerns.difference(&rules.concerns);
    let found = found.filter(|name| !own(name));
    found
        .map(|name| FailedClaim::new(&format!("concern.{name}"), false, true))
        .collect()
}

fn vmpl(claims: &Claims, rules: &HardwareRules) -> Option<FailedClaim> {
    if rules.vmpls.is_empty() {
        return None;
    }
    let found = claims.attributes.get("vmpl").map(ToString::to_string);
    let levels: BTreeSet<String> = rules.vmpls.iter().map(ToString::to_string).collect();
    if found.as_ref().is_some_and(|found| levels.contains(found)) {
        return None;
    }
    let found = found.unwrap_or_else(|| "none: the guest did not ask".to_owned());
    Some(FailedClaim::new("vmpl", one_of(levels), found))
}

fn age(claims: &Claims, rules: &HardwareRules, context: &Context<'_>) -> Option<FailedClaim> {
    let most = rules.max_age_secs?;
    let expected = format!("at most {most} seconds");
    let Some(made_at) = claims.made_at else {
        return Some(FailedClaim::new("max-age", expected, "nothing"));
    };
    let age = context.now.secs_since(made_at);
    (age > most).then(|| FailedClaim::new("max-age", expected, format!("{age} seconds")))
}

fn attributes(claims: &Claims, rules: &HardwareRules) -> Vec<FailedClaim> {
    let others = rules.attributes.iter().filter_map(|(name, wanted)| {
        let found = claims.attributes.get(name).map(ToString::to_string);
        if found.as_ref() == Some(&wanted.to_string()) {
            return None;
        }
        let found = found.unwrap_or_else(|| "nothing".to_owned());
        Some(FailedClaim::new(
            &format!("attribute.{name}"),
            wanted,
            found,
        ))
    });
    others.collect()
}

/// The first few values: a message for a person, who looks the rest up in the document.
pub(crate) fn one_of<T: fmt::Display>(values: impl IntoIterator<Item = T>) -> String {
    const SHOWN: usize = 8;
    let mut values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    let more = values.len().saturating_sub(SHOWN);
    if more > 0 {
        values.truncate(SHOWN);
        values.push(format!("{more} more"));
    }
    values.join(" or ")
}
