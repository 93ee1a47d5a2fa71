//! One deviation each, and the check that has to refuse it.

mod cache;
mod claims;
mod documents;
mod endorsements;
mod pck;
mod quoting_enclave;
mod structure;
mod tcb;

use std::collections::BTreeSet;

use adyton_pki::KeyKind;
use adyton_pki::forge::ForgeKey;
use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_intel_dcap::{checks, verify};

/// What makes good Evidence, and how it is spoiled: the check that refuses it, and the one deviation.
type Deviations = (
    fn() -> IntelForge,
    &'static [(&'static str, fn(&mut IntelForge))],
);

/// The name of the check that refuses it.
fn refused_by(forge: &IntelForge) -> &'static str {
    match forge.verify() {
        Ok(_) => "none",
        Err(error) => error.check(),
    }
}

fn all(tables: &[Deviations]) {
    for (table, (make, deviations)) in tables.iter().enumerate() {
        assert_eq!(refused_by(&make()), "none", "table {table}");
        for (at, (check, deviate)) in deviations.iter().enumerate() {
            let mut forge = make();
            deviate(&mut forge);
            assert_eq!(refused_by(&forge), *check, "table {table}, deviation {at}");
        }
    }
}

fn other_key() -> ForgeKey {
    ForgeKey::generate(KeyKind::P256)
}

#[test]
fn every_check_has_a_forgery_that_it_refuses() {
    let tables = [
        structure::DEVIATIONS,
        pck::DEVIATIONS,
        endorsements::DEVIATIONS,
        documents::DEVIATIONS,
        quoting_enclave::DEVIATIONS,
        tcb::DEVIATIONS,
    ];
    let deviations = tables.into_iter().flatten().flat_map(|(_, table)| *table);
    let mut refused: BTreeSet<&str> = deviations.map(|(check, _)| *check).collect();
    refused.extend(endorsements::SPOILED.iter().map(|(check, _)| *check));
    refused.insert(endorsements::PERIOD);
    let all: BTreeSet<&str> = checks::ALL.iter().map(|id| id.name).collect();
    assert_eq!(refused, all);
}

#[test]
fn every_check_is_listed_where_it_holds() {
    let forge = IntelForge::tdx15();
    let endorsements = forge.endorsements().unwrap();
    let verified = verify(&forge.quote(), &endorsements, forge.now).unwrap();
    let made: Vec<_> = endorsements
        .checks()
        .iter()
        .chain(verified.checks())
        .collect();
    for id in checks::ALL {
        let mut of_it = made.iter().filter(|check| check.name == id.name);
        let check = of_it.next().unwrap_or_else(|| panic!("{}", id.name));
        assert!(!check.compared.is_empty(), "{}", id.name);
        assert_eq!(of_it.count(), 0, "{}", id.name);
    }
}
