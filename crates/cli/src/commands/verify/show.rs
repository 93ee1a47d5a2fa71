use std::collections::BTreeMap;
use std::path::PathBuf;

use adyton_appraisal::AppraisalPolicy;
use adyton_codec::hex_encode;
use adyton_endorse::Fetched;
use adyton_types::{Check, TeeKind, UnixTime};
use adyton_verifier::envelope::Found;
use adyton_verifier::{Attribute, AuthenticEvidence, Claims, VerifiedEventLog};
use serde_json::{Map, Value, json};

use super::events;
use crate::{fetching, printable};

/// What is known in the end. A verdict says no more than what was asked for and held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Authentic.
    Authentic,
    /// Authentic, over the report data asked about.
    Bound,
    /// The same, and accepted by the policy.
    Valid,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Authentic => "authentic",
            Self::Bound => "bound",
            Self::Valid => "valid",
        }
    }
}

/// Everything that is shown of Evidence that verified.
pub(super) struct View<'a> {
    pub(super) verdict: Verdict,
    pub(super) at: UnixTime,
    pub(super) found: &'a Found,
    pub(super) authentic: &'a AuthenticEvidence,
    pub(super) checks: &'a [Check],
    pub(super) log: Option<&'a VerifiedEventLog>,
    pub(super) policy: Option<&'a AppraisalPolicy>,
    pub(super) bound: bool,
    pub(super) files: &'a [(PathBuf, Vec<&'static str>)],
    /// What is trusted that no vendor stands behind.
    pub(super) dangers: &'a [String],
    pub(super) fetched: Option<&'a Fetched>,
    pub(super) explain: bool,
}

impl View<'_> {
    pub(super) fn text(&self) -> String {
        let mut lines = vec![format!(
            "{} at {}",
            self.verdict.as_str().to_uppercase(),
            self.at
        )];
        lines.extend(
            self.dangers
                .iter()
                .map(|danger| format!("DANGER        {danger}")),
        );
        lines.extend(self.machine());
        lines.push(String::new());
        lines.push(format!("{} checks, all held:", self.checks.len()));
        for check in self.checks {
            lines.push(format!("  {:24} {}", check.name, check.compared));
            lines.push(format!("  {:24}   asked for by {}", "", check.source));
        }
        if self.explain {
            lines.push(String::new());
            lines.push("claims, which a policy judges:".to_owned());
            let attributes = self.authentic.claims().attributes.iter();
            lines.extend(attributes.map(|(name, value)| format!("  {name:34} {value}")));
            if let Some(log) = self.log {
                lines.push(String::new());
                lines.push("events, of which the RTMRs bear out what is shown:".to_owned());
                lines.extend(events::lines(log));
            }
            lines.push(String::new());
            lines.push("Endorsements:".to_owned());
            let files = self.files.iter();
            lines.extend(files.map(|(p, kinds)| format!("  {}: {}", p.display(), tally(kinds))));
        }
        let open = self.open();
        if !open.is_empty() {
            lines.push(String::new());
            lines.push("not asked, so not known:".to_owned());
            lines.extend(open.iter().map(|line| format!("  {line}")));
        }
        printable::lines(&lines)
    }

    /// What this machine is.
    fn machine(&self) -> Vec<String> {
        let claims = self.authentic.claims();
        let line = |name: &str, value: String| format!("{name:13} {value}");
        let mut lines = vec![
            line("machine", product(claims)),
            line("measurement", claims.measurement.to_string()),
            line("platform id", claims.platform_id.to_string()),
        ];
        if !claims.tcb.is_empty() {
            lines.push(line("TCB", components(&claims.tcb)));
        }
        if let Some(standing) = &claims.standing {
            let advisories = Vec::from_iter(standing.advisories.iter().cloned()).join(", ");
            let (status, date) = (&standing.status, standing.date);
            lines.push(line(
                "TCB status",
                format!("{status}, as of {date}, evaluation {}", standing.evaluation),
            ));
            if !advisories.is_empty() {
                lines.push(line("advisories", advisories));
            }
        }
        lines.push(line(
            "report data",
            hex_encode(self.authentic.report_data()),
        ));
        if let Some(made) = claims.made_at {
            lines.push(line("made", format!("{made}, by its own clock")));
        }
        if claims.valid_until != UnixTime::MAX {
            lines.push(line("endorsed", format!("until {}", claims.valid_until)));
        }
        let debug = if claims.debug {
            "ON: the host can read all of it; nothing it says is worth anything"
        } else {
            "off"
        };
        lines.push(line("debug", debug.to_owned()));
        if !claims.concerns.is_empty() {
            let concerns = Vec::from_iter(claims.concerns.iter().cloned()).join(", ");
            lines.push(line("concerns", concerns));
        }
        if let Some(policy) = self.policy {
            lines.push(line("policy", format!("accepts it: {policy}")));
        }
        if !self.found.layers.is_empty() {
            lines.push(line("found in", self.found.layers.join(" > ")));
        }
        lines
    }

    /// What was left open, because nobody asked.
    fn open(&self) -> Vec<&'static str> {
        let mut open = Vec::new();
        if !self.bound {
            open.push(
                "for whom it was made: it may be recorded; give --report-data with your binding's digest",
            );
        }
        if self.policy.is_none() {
            open.push(
                "whether this machine, its TCB and its measurement are acceptable: give --policy",
            );
        }
        if self.explain && self.authentic.claims().kind == TeeKind::Software {
            open.push("whether the platform's owner is honest: there is no hardware root");
        }
        open
    }

    pub(super) fn document(&self) -> Value {
        let claims = self.authentic.claims();
        let checks = self.checks.iter().map(|check| {
            json!({ "name": check.name, "compared": check.compared, "source": check.source })
        });
        let files = self
            .files
            .iter()
            .map(|(path, kinds)| json!({ "file": path.display().to_string(), "holds": kinds }));
        let attributes: Map<String, Value> = claims
            .attributes
            .iter()
            .map(|(name, value)| (name.clone(), attribute(value)))
            .collect();
        json!({
            "verdict": self.verdict.as_str(),
            "at": self.at.to_string(),
            "kind": claims.kind.as_str(),
            "generation": claims.generation,
            "hardware-root": claims.kind != TeeKind::Software,
            "measurement": claims.measurement.to_string(),
            "platform-id": claims.platform_id.to_string(),
            "tcb": claims.tcb,
            "tcb-status": claims.standing.as_ref().map(|standing| json!({
                "status": standing.status,
                "advisories": standing.advisories,
                "date": standing.date.to_string(),
                "evaluation": standing.evaluation,
            })),
            "protections": claims.protections.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "debug": claims.debug,
            "concerns": claims.concerns,
            "attributes": attributes,
            "report-data": hex_encode(self.authentic.report_data()),
            "made-at": claims.made_at.map(|at| at.to_string()),
            "valid-until": claims.valid_until.to_string(),
            "policy": self.policy.map(|policy| policy.id().to_string()),
            "checks": checks.collect::<Vec<_>>(),
            "events": self.log.map(events::document),
            "not-asked": self.open(),
            "envelope": self.found.layers,
            "endorsements": files.collect::<Vec<_>>(),
            "dangers": self.dangers,
            "fetched": self.fetched.map(fetching::document),
        })
    }
}

fn attribute(value: &Attribute) -> Value {
    match value {
        Attribute::Flag(flag) => json!(flag),
        Attribute::Number(number) => json!(number),
        Attribute::Bytes(bytes) => json!(hex_encode(bytes)),
        Attribute::Text(text) => json!(text),
    }
}

/// The machine in words.
fn product(claims: &Claims) -> String {
    let generation = &claims.generation;
    match claims.kind {
        TeeKind::Software => crate::platform::root(claims.kind),
        TeeKind::Snp => format!("snp: AMD SEV-SNP, {generation}"),
        TeeKind::Tdx => format!("tdx: Intel {generation}"),
        TeeKind::Sgx => "sgx: Intel SGX enclave".to_owned(),
        TeeKind::Nitro => format!("nitro: AWS Nitro {generation}"),
        TeeKind::Tpm => "tpm: a machine with a TPM 2.0; its memory is not protected".to_owned(),
        TeeKind::AzureSnp => {
            format!("azure-snp: Azure confidential VM on AMD SEV-SNP, {generation}")
        }
        TeeKind::AzureTdx => format!("azure-tdx: Azure confidential VM on Intel {generation}"),
        TeeKind::Cca => "cca: Arm CCA realm".to_owned(),
        TeeKind::NvidiaGpu => format!("nvidia-gpu: NVIDIA {generation}"),
        kind => kind.to_string(),
    }
}

/// `2 certificates, 1 revocation list`, in the order in which they came.
fn tally(kinds: &[&'static str]) -> String {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for kind in kinds {
        match counted.iter_mut().find(|(known, _)| known == kind) {
            Some((_, count)) => *count += 1,
            None => counted.push((kind, 1)),
        }
    }
    let words = counted
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"));
    words.collect::<Vec<_>>().join(", ")
}

/// `pce 11, sgx.2 4, sgx.10 0`: components of one name in the order of their numbers.
fn components(tcb: &BTreeMap<String, u64>) -> String {
    let mut sorted: Vec<_> = tcb.iter().collect();
    sorted.sort_by_key(|(name, _)| match name.split_once('.') {
        Some((family, number)) => (family, number.parse::<u32>().ok()),
        None => (name.as_str(), None),
    });
    let words = sorted.iter().map(|(name, svn)| format!("{name} {svn}"));
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_stand_in_the_order_of_their_numbers() {
        let tcb = [("sgx.10", 0), ("sgx.2", 4), ("pce", 11), ("tdx.1", 5)];
        let tcb = tcb.map(|(name, svn)| (name.to_owned(), svn));
        let shown = components(&BTreeMap::from(tcb));
        assert_eq!(shown, "pce 11, sgx.2 4, sgx.10 0, tdx.1 5");
    }
}
