//! Every row of (quote, Endorsements, time) has the same verdict as by dcap-qvl 0.7.1, or one that
//! is named here.

use std::collections::{BTreeMap, BTreeSet};

use adyton_tee_intel_dcap::{IntelClaims, Quote, Weakness, verify};

use crate::vectors::{Row, Vectors};

/// What that verifier would call a status and advisories.
fn spelled(claims: &IntelClaims) -> (String, BTreeSet<String>) {
    let advisories = claims.tcb.advisories.iter().cloned().collect();
    (format!("OK {}", claims.tcb.status), advisories)
}

fn parts(verdict: &str) -> (String, BTreeSet<String>) {
    let mut words = verdict.splitn(3, ' ');
    let status = format!(
        "{} {}",
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default()
    );
    let advisories = words.next().unwrap_or_default();
    let advisories = advisories.split(',').filter(|id| !id.is_empty());
    (status, advisories.map(str::to_owned).collect())
}

/// Our verdict in one line, and whether it agrees.
fn compare(vectors: &Vectors, row: &Row) -> (String, bool) {
    let endorsements = vectors.endorsements(&row.bundle, row.now);
    let endorsements = match endorsements {
        Ok(endorsements) => endorsements,
        Err(error) => return (format!("Endorsements: {} {error}", error.check()), false),
    };
    let claims = match verify(&vectors.read(&row.quote), &endorsements, row.now) {
        Ok(verified) => verified.into_claims(),
        Err(error) => {
            let no_level = row.strict == "ERR No matching TCB level found"
                && error.check() == "platform-tcb-level";
            return (format!("{}: {error}", error.check()), no_level);
        }
    };
    let weak = claims.weaknesses();
    let policy = match row.strict.as_str() {
        "ERR SEPT_VE_DISABLE is not enabled" => Some(Weakness::SeptVe),
        "ERR Debug mode is enabled" => Some(Weakness::Debug),
        "ERR Invalid MR service TD" => Some(Weakness::ServiceTd),
        _ => None,
    };
    let says_why = policy.is_none_or(|weakness| weak.contains(&weakness));
    let never_judged = row.lenient == "ERR SEPT_VE_DISABLE is not enabled";
    let same = never_judged || parts(&row.lenient) == spelled(&claims);
    let text = format!("{} {weak:?}", claims.tcb.status);
    (text, says_why && same)
}

#[test]
fn all_rows() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let mut summary: BTreeMap<(String, String, bool), usize> = BTreeMap::new();
    let mut differences = Vec::new();
    for row in vectors.rows() {
        let (ours, agrees) = compare(&vectors, &row);
        let theirs = parts(&row.strict).0;
        if !agrees {
            differences.push(format!(
                "{} {}: {} | {ours}",
                row.quote, row.bundle, row.strict
            ));
        }
        *summary.entry((theirs, ours, agrees)).or_default() += 1;
    }
    for ((theirs, ours, agrees), count) in &summary {
        println!("{count:4}  {agrees}  {theirs:40} {ours}");
    }
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn every_quote_is_read_or_refused_by_name() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    for row in vectors.table("INDEX.tsv") {
        let (file, kind, expected) = (&row[0], &row[1], &row[7]);
        if !kind.starts_with("quote-v") {
            continue;
        }
        let bytes = vectors.read(file);
        let ours = match Quote::parse(&bytes) {
            Ok(quote) => match quote.certification.pck_chain() {
                Ok(_) => "read".to_owned(),
                Err(error) => error.to_string(),
            },
            Err(error) => format!("{}: {error}", error.check()),
        };
        println!(
            "{file:90} {ours:60} {}",
            expected.get(..60).unwrap_or(expected)
        );
        if expected.starts_with("signatures valid") {
            assert_eq!(ours, "read", "{file}");
        }
    }
}
