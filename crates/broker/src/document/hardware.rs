//! What a hardware platform must be, in plain words.

use adyton_appraisal::{Advisories, Grace, HardwareRules};

use crate::document::choice::choice;

pub(super) fn hardware(rules: &HardwareRules) -> Vec<String> {
    let mut lines = Vec::new();
    if !rules.deny_platform_ids.is_empty() {
        let (one, several) = (
            "  * It is NOT the machine with the id",
            "  * It is NONE of the machines with the ids",
        );
        lines.extend(choice(one, several, &rules.deny_platform_ids));
    }
    if !rules.generations.is_empty() {
        let (one, several) = (
            "  * Its hardware is of the generation",
            "  * Its hardware is of one of the generations",
        );
        lines.extend(choice(one, several, &rules.generations));
    }
    if !rules.deny_generations.is_empty() {
        let (one, several) = (
            "  * Its hardware is NOT of the generation",
            "  * Its hardware is of NONE of the generations",
        );
        lines.extend(choice(one, several, &rules.deny_generations));
    }
    lines.extend(floors(rules));
    lines.extend(standing(rules));
    if let Some(secs) = rules.max_age_secs {
        lines.push(format!("  * Its proof is at most {secs} seconds old."));
    }
    if !rules.vmpls.is_empty() && !rules.vmpls.iter().eq(&[0]) {
        let levels: Vec<_> = rules.vmpls.iter().map(ToString::to_string).collect();
        let levels = levels.join(" or ");
        lines.push(format!(
            "  * What asks runs at privilege level {levels} of that machine (0 is the highest)."
        ));
    }
    for (name, wanted) in &rules.attributes {
        lines.push(format!("  * Its `{name}` is exactly `{wanted}`."));
    }
    lines.extend(rules.concerns.iter().map(|concern| {
        let words = weakness(concern);
        format!("  * ACCEPTED although it weakens the protection: {words} (`{concern}`).")
    }));
    lines
}

fn floors(rules: &HardwareRules) -> Vec<String> {
    if rules.tcb.is_empty() && rules.statuses.is_empty() {
        return vec!["  * Its firmware may be of any age: no least version is named.".into()];
    }
    let floors = rules.tcb.iter();
    let words = |(component, least)| {
        format!("  * Its `{component}` has security version {least} or later.")
    };
    floors.map(words).collect()
}

fn standing(rules: &HardwareRules) -> Vec<String> {
    if rules.statuses.is_empty() {
        return Vec::new();
    }
    let words = |(name, grace): (&String, &Grace)| match grace {
        Grace::Always => format!("`{name}`"),
        Grace::Days(days) => {
            format!("`{name}`, but for {days} days from the date of its firmware at most")
        }
    };
    let statuses: Vec<_> = rules.statuses.iter().map(words).collect();
    let mut lines = vec![format!(
        "  * Intel says of its hardware and firmware: {}.",
        statuses.join("; or ")
    )];
    lines.push(match &rules.advisories {
        Advisories::Any => "  * ANY of Intel's security advisories may apply to it.".into(),
        Advisories::Listed(listed) if listed.is_empty() => {
            "  * None of Intel's security advisories applies to it.".into()
        }
        Advisories::Listed(listed) => {
            let listed: Vec<_> = listed.iter().map(words).collect();
            let listed = listed.join("; or ");
            format!("  * Of Intel's security advisories none applies but: {listed}.")
        }
    });
    if rules.min_evaluation > 0 {
        let least = rules.min_evaluation;
        lines.push(format!(
            "  * Intel says so in its evaluation number {least} or a later one."
        ));
    }
    lines
}

fn weakness(concern: &str) -> &'static str {
    match concern {
        "migration-agent" | "migratable" => {
            "the machine may be moved, by a helper that reads all of it"
        }
        "unknown-policy-bits" | "reserved-attributes" => {
            "it was started with settings whose meaning is not known here"
        }
        "provisional-firmware" => "its firmware can still be put back to an older one",
        "alias-check-missing" => {
            "its firmware did not check whether memory is what it seems (BadRAM)"
        }
        "chip-id-masked" => "it does not say which machine it is",
        "cloud-key" => "a key that a cloud has on all its machines vouches for it",
        "ak-certified-as-ek" => "the key of its TPM is certified as one for another purpose",
        "no-revocation-list" => "nobody looked whether its keys were revoked",
        "profiling" => "the host may watch its performance counters",
        "sept-ve" => "the host may take memory away unnoticed",
        "service-td" | "servtd-ext" => {
            "other virtual machines may serve it, which are not looked at"
        }
        "provision-key" => "it may use a key that names the machine",
        _ => "one that this version of Adyton has no words for",
    }
}
