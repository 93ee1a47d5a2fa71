//! What a policy must be, so that somebody can have meant it.

use adyton_types::{PlatformId, TeeKind};

use crate::vocabulary;
use crate::{Advisories, HardwareRules, Measurements, PolicyError, Wanted};

/// The most entries of any list of a platform.
const MAX_ENTRIES: usize = 64;

/// The most bytes of a word that is in no list of words here.
const MAX_LINE_BYTES: usize = 1024;

/// Length of the id of a chip of Turin.
const TURIN_ID_BYTES: usize = 8;

pub(crate) fn require_consistent(rules: &HardwareRules) -> Result<(), PolicyError> {
    if rules.kind == TeeKind::Software {
        return Err(PolicyError::NotHardware);
    }
    require_bounds(rules)?;
    require_lengths(rules)?;
    require_words(rules)?;
    require_intel(rules)?;
    require_applicable(rules)?;
    require_paravisor(rules)?;
    require_product(rules)?;
    require_no_contradiction(rules)
}

pub(crate) fn require_bounds(rules: &HardwareRules) -> Result<(), PolicyError> {
    let measurements = match &rules.measurements {
        Measurements::Listed(listed) if listed.is_empty() => {
            return Err(PolicyError::NoMeasurements);
        }
        Measurements::Listed(listed) => listed.len(),
        Measurements::Any | Measurements::Signed(_) => 1,
    };
    let advisories = match &rules.advisories {
        Advisories::Any => 0,
        Advisories::Listed(listed) => listed.len(),
    };
    for (key, found) in [
        ("measurements", measurements),
        ("platform-ids", rules.platform_ids.len()),
        ("deny-platform-ids", rules.deny_platform_ids.len()),
        ("generations", rules.generations.len()),
        ("deny-generations", rules.deny_generations.len()),
        ("tcb", rules.tcb.len()),
        ("advisories", advisories),
        ("attributes", rules.attributes.len()),
    ] {
        if found > MAX_ENTRIES {
            let max = MAX_ENTRIES;
            return Err(PolicyError::TooMany { key, found, max });
        }
    }
    Ok(())
}

pub(crate) fn require_lengths(rules: &HardwareRules) -> Result<(), PolicyError> {
    let kind = rules.kind;
    if let (Measurements::Listed(listed), Some(expected)) =
        (&rules.measurements, vocabulary::measurement_len(kind))
    {
        let wrong = listed.iter().map(|m| m.as_bytes().len());
        if let Some(found) = wrong.into_iter().find(|found| *found != expected) {
            let what = "measurement";
            return Err(PolicyError::WrongLength {
                what,
                kind,
                expected,
                found,
            });
        }
    }
    let lens = vocabulary::platform_id_lens(kind);
    let ids = rules.platform_ids.iter().chain(&rules.deny_platform_ids);
    for id in ids.map(PlatformId::as_bytes) {
        let found = id.len();
        let expected = match lens.last() {
            Some(expected) if !lens.contains(&found) => *expected,
            _ if vocabulary::is_snp(kind) && is_padded(id) => TURIN_ID_BYTES,
            _ => continue,
        };
        let what = "platform id";
        return Err(PolicyError::WrongLength {
            what,
            kind,
            expected,
            found,
        });
    }
    Ok(())
}

/// Whether it is the id of a chip of Turin as its reports have it, filled up with zeros: no claim is
/// ever equal to that, so that a list of denied machines would let it pass.
fn is_padded(id: &[u8]) -> bool {
    let rest = id.get(TURIN_ID_BYTES..).unwrap_or_default();
    !rest.is_empty() && rest.iter().all(|byte| *byte == 0)
}

/// Every word is one that Evidence of the kind can have.
fn require_words(rules: &HardwareRules) -> Result<(), PolicyError> {
    let kind = rules.kind;
    let unknown = |key, text: &str, known: &[&str]| PolicyError::Unknown {
        key,
        kind,
        text: text.chars().take(100).collect(),
        instead: match known {
            [] => String::new(),
            known => format!("; there are {}", known.join(", ")),
        },
    };
    let known = vocabulary::generations(kind);
    for (key, words) in [
        ("generations", &rules.generations),
        ("deny-generations", &rules.deny_generations),
    ] {
        let mut words = words.iter();
        if let Some(word) = words.find(|word| !known.is_empty() && !known.contains(&word.as_str()))
        {
            return Err(unknown(key, word, known));
        }
    }
    let known = vocabulary::concerns(kind);
    let mut concerns = rules.concerns.iter();
    if let Some(word) = concerns.find(|word| !known.contains(&word.as_str())) {
        return Err(unknown("concerns", word, known));
    }
    let mut components = rules.tcb.keys();
    if let Some(word) = components.find(|word| !vocabulary::has_component(kind, word)) {
        return Err(unknown("tcb", word, &[]));
    }
    for (name, wanted) in &rules.attributes {
        require_line("attributes", name, name.is_empty())?;
        if let Wanted::Text(text) = wanted {
            require_line("attributes", text, false)?;
        }
        if let Some(own) = vocabulary::has_own_key(name) {
            return Err(PolicyError::Contradiction {
                first: "attributes",
                second: own,
                why: format!("`{name}` is said by `{own}`"),
            });
        }
    }
    Ok(())
}

/// Words that nobody lists here are one line, and a short one: people decide by the lines that
/// explain a document, and a denial has to have room for them.
fn require_line(key: &'static str, text: &str, is_empty: bool) -> Result<(), PolicyError> {
    if is_empty || text.len() > MAX_LINE_BYTES || text.chars().any(char::is_control) {
        let rule = "not one line of 1 to 1024 bytes";
        return Err(PolicyError::value(key, text, rule));
    }
    Ok(())
}

/// Statuses, advisories and evaluations: Intel has them, and the others have none.
fn require_intel(rules: &HardwareRules) -> Result<(), PolicyError> {
    let kind = rules.kind;
    let advisories = rules.advisories != Advisories::Listed(std::collections::BTreeMap::new());
    if !vocabulary::is_intel(kind) {
        for (key, there) in [
            ("statuses", !rules.statuses.is_empty()),
            ("advisories", advisories),
            ("min-evaluation", rules.min_evaluation != 0),
        ] {
            if there {
                return Err(PolicyError::NotForKind { kind, key });
            }
        }
        return Ok(());
    }
    if rules.statuses.is_empty() {
        return Err(PolicyError::Empty { key: "statuses" });
    }
    if let Advisories::Listed(listed) = &rules.advisories {
        for advisory in listed.keys() {
            require_line("advisories", advisory, advisory.is_empty())?;
        }
    }
    for status in rules.statuses.keys() {
        if status == "Revoked" {
            return Err(PolicyError::value(
                "statuses",
                status,
                "accepted by no policy: the platform's keys are no longer its own",
            ));
        }
        if !vocabulary::STATUSES.contains(&status.as_str()) {
            return Err(PolicyError::Unknown {
                key: "statuses",
                kind,
                text: status.chars().take(100).collect(),
                instead: format!("; there are {}", vocabulary::STATUSES.join(", ")),
            });
        }
    }
    Ok(())
}

/// Privilege levels and ages: of the kinds that have them.
fn require_applicable(rules: &HardwareRules) -> Result<(), PolicyError> {
    let kind = rules.kind;
    if vocabulary::is_snp(kind) {
        if rules.vmpls.is_empty() {
            return Err(PolicyError::Empty { key: "vmpl" });
        }
        if let Some(level) = rules.vmpls.iter().find(|level| **level > 3) {
            let rule = "no privilege level; they are 0 to 3";
            return Err(PolicyError::value("vmpl", &level.to_string(), rule));
        }
    } else if !rules.vmpls.is_empty() {
        return Err(PolicyError::NotForKind { kind, key: "vmpl" });
    }
    if rules.max_age_secs.is_some() && !vocabulary::has_clock(kind) {
        let key = "max-age";
        return Err(PolicyError::NotForKind { kind, key });
    }
    Ok(())
}

/// Whoever says which system runs says whose paravisor vouches for it.
fn require_paravisor(rules: &HardwareRules) -> Result<(), PolicyError> {
    let kind = rules.kind;
    let names = vocabulary::paravisor(kind);
    let named = names
        .iter()
        .any(|name| rules.attributes.contains_key(*name));
    if names.is_empty() || named || rules.measurements == Measurements::Any {
        return Ok(());
    }
    Err(PolicyError::NeedsAttribute { kind, names })
}

/// Who signed an enclave has signed others, and older versions of each: where that stands in for the
/// measurement, product and least version have to be said, too.
fn require_product(rules: &HardwareRules) -> Result<(), PolicyError> {
    let any = rules.measurements == Measurements::Any;
    let kind = rules.kind;
    if kind != TeeKind::Sgx || !any || !rules.attributes.contains_key("mr-signer") {
        return Ok(());
    }
    for (key, there) in [
        (
            "attributes.isv-prod-id",
            rules.attributes.contains_key("isv-prod-id"),
        ),
        ("tcb.isv", rules.tcb.contains_key("isv")),
    ] {
        if !there {
            return Err(PolicyError::Needs { kind, key });
        }
    }
    Ok(())
}

fn require_no_contradiction(rules: &HardwareRules) -> Result<(), PolicyError> {
    let contradiction = |first, second, why| Err(PolicyError::Contradiction { first, second, why });
    let mut both = rules.generations.intersection(&rules.deny_generations);
    if let Some(both) = both.next() {
        let why = format!("`{both}` is in both");
        return contradiction("generations", "deny-generations", why);
    }
    let known = vocabulary::generations(rules.kind);
    if !known.is_empty() && known.iter().all(|g| rules.deny_generations.contains(*g)) {
        let why = "every generation is denied".to_owned();
        return contradiction("kind", "deny-generations", why);
    }
    let mut both = rules.platform_ids.intersection(&rules.deny_platform_ids);
    if let Some(both) = both.next() {
        let why = format!("`{both}` is in both");
        return contradiction("platform-ids", "deny-platform-ids", why);
    }
    let named = !rules.platform_ids.is_empty() || !rules.deny_platform_ids.is_empty();
    if named && rules.concerns.contains("chip-id-masked") {
        let why = "a machine that hides its id is neither in a list nor outside of one".to_owned();
        return contradiction("platform-ids", "concerns", why);
    }
    let turin = rules.generations.contains("Turin");
    let fmc = rules.tcb.keys().any(|name| name.ends_with("fmc"));
    if fmc && !rules.generations.is_empty() && !turin {
        let why = "of all generations only `Turin` has the component `fmc`".to_owned();
        return contradiction("tcb", "generations", why);
    }
    let advisories = rules.advisories != Advisories::Listed(std::collections::BTreeMap::new());
    if advisories && rules.statuses.keys().eq(["UpToDate"]) {
        let why = "a platform that is `UpToDate` has no advisories".to_owned();
        return contradiction("advisories", "statuses", why);
    }
    Ok(())
}
