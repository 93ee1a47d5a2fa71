use std::collections::{BTreeMap, BTreeSet};
use std::io;

use adyton_types::UnixTime;
use adyton_verifier::material::{Material, Trust};
use adyton_verifier::{AuthenticEvidence, VerifyError, authenticate};

use crate::index::{Index, Row};
use crate::table::{Outcome, Table};

/// The checks by which a TCB that no level of Intel's covers is refused.
const NO_LEVEL: [&str; 5] = [
    "platform-tcb-level",
    "qe-tcb-level",
    "tdx-module",
    "tdx-module-tcb-level",
    "tdx-current-tcb",
];

/// What `dcap-qvl` refuses and leaves to a policy here: its words, and the concern.
const TO_POLICY: [(&str, &str); 3] = [
    ("Debug mode", "debug"),
    ("SEPT_VE_DISABLE", "sept-ve"),
    ("MR service TD", "service-td"),
];

/// A row of `INTEL_VERDICTS.tsv`.
struct Verdict {
    bundle: String,
    now: UnixTime,
    listed: String,
}

/// Verifies every quote with each listed bundle of Endorsements, at each listed time.
pub(crate) fn run(index: &Index, table: &mut Table) -> io::Result<()> {
    let verdicts = verdicts(index)?;
    let quotes = index
        .rows()
        .iter()
        .filter(|row| row.kind.starts_with("quote-v"));
    for row in quotes {
        let listed = verdicts.get(&row.file).map(Vec::as_slice);
        let outcome = match listed.unwrap_or_default() {
            [] => alone(index, row, table)?,
            listed => with_bundles(index, row, listed, table)?,
        };
        table.add(&row.kind, &outcome);
    }
    Ok(())
}

fn verdicts(index: &Index) -> io::Result<BTreeMap<String, Vec<Verdict>>> {
    let mut all: BTreeMap<String, Vec<Verdict>> = BTreeMap::new();
    for line in index.text("INTEL_VERDICTS.tsv")?.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [quote, bundle, _, secs, _, _, strict, lenient] = cells[..] else {
            continue;
        };
        let Ok(secs) = secs.parse() else {
            continue;
        };
        let listed = if lenient == "same" { strict } else { lenient };
        all.entry(quote.to_owned()).or_default().push(Verdict {
            bundle: bundle.to_owned(),
            now: UnixTime::from_secs(secs),
            listed: listed.to_owned(),
        });
    }
    Ok(all)
}

/// The best that came of the quote.
fn with_bundles(
    index: &Index,
    row: &Row,
    verdicts: &[Verdict],
    table: &mut Table,
) -> io::Result<Outcome> {
    let mut best = None;
    for verdict in verdicts {
        let mut material = Material::new();
        let known = material.add(&index.bytes(&verdict.bundle)?);
        let found = index.evidence(row)?;
        let (Some(found), Ok(_)) = (found, known) else {
            return Ok(Outcome::Refused("unknown form".to_owned()));
        };
        let endorsements = material.endorse(&Trust::vendors(), verdict.now);
        let result = authenticate(&found.evidence, &endorsements, verdict.now);
        let outcome = outcome(&result);
        table.compare(
            &row.file,
            agrees(&verdict.listed, &result),
            &verdict.listed,
            &outcome,
        );
        let better = matches!(outcome, Outcome::Accepted(_)) || best.is_none();
        if better {
            best = Some(outcome);
        }
    }
    Ok(best.unwrap_or(Outcome::Refused("endorsements".to_owned())))
}

/// A quote without listed verdicts: with every bundle, at the time of the newest.
fn alone(index: &Index, row: &Row, table: &mut Table) -> io::Result<Outcome> {
    let mut material = Material::new();
    for bundle in index.folder("intel-bundles")? {
        // What is no bundle lies there, too.
        let _ = material.add(&bundle);
    }
    let now = UnixTime::from_secs(1_785_000_000);
    let endorsements = material.endorse(&Trust::vendors(), now);
    let outcome = match index.evidence(row)? {
        Some(found) => outcome(&authenticate(&found.evidence, &endorsements, now)),
        None => Outcome::Refused("unknown form".to_owned()),
    };
    let refused = matches!(outcome, Outcome::Refused(_));
    table.compare(&row.file, refused, &row.verdict, &outcome);
    Ok(outcome)
}

fn outcome(result: &Result<AuthenticEvidence, VerifyError>) -> Outcome {
    match result {
        Ok(authentic) => {
            let standing = authentic.claims().standing.as_ref();
            Outcome::Accepted(standing.map(|s| s.status.clone()).unwrap_or_default())
        }
        Err(error) => Outcome::Refused(error.check().to_owned()),
    }
}

/// Whether status and advisories are those listed, or the refusal is of what was listed.
fn agrees(listed: &str, result: &Result<AuthenticEvidence, VerifyError>) -> bool {
    let (word, rest) = listed.split_once(' ').unwrap_or((listed, ""));
    match (word, result) {
        ("OK", Ok(authentic)) => {
            let Some(standing) = &authentic.claims().standing else {
                return false;
            };
            let (status, advisories) = rest.split_once(' ').unwrap_or((rest, ""));
            let advisories: BTreeSet<String> = advisories
                .split(',')
                .map(|advisory| advisory.trim().to_owned())
                .filter(|advisory| !advisory.is_empty())
                .collect();
            standing.status == status.trim() && standing.advisories == advisories
        }
        ("ERR", Err(error)) => {
            rest.contains("No matching TCB level") && NO_LEVEL.contains(&error.check())
        }
        ("ERR", Ok(authentic)) => TO_POLICY.iter().any(|(words, concern)| {
            rest.contains(words) && authentic.claims().concerns.contains(*concern)
        }),
        _ => false,
    }
}
