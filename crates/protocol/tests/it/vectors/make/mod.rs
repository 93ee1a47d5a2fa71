//! Makes the vectors, from fixed seeds.

mod answers;
mod evidence;
mod exchange;
mod receipts;
mod small;

use super::file::Vector;
use super::verdict::verdict;

/// Every vector with its path under `specs/vectors/`.
pub(super) fn all() -> Vec<(String, Vector)> {
    let kinds = [
        ("binding", small::bindings()),
        ("token", small::tokens()),
        ("evidence", evidence::evidence()),
        ("request", exchange::requests()),
        ("answer", answers::answers()),
        ("denial", exchange::denials()),
        ("receipt", receipts::receipts()),
    ];
    let mut all = Vec::new();
    for (kind, cases) in kinds {
        for (name, vector) in cases {
            let (class, error) = verdict(kind, &vector);
            let expects_ok = name.starts_with("good");
            assert_eq!(class == "ok", expects_ok, "{kind}/{name}: {error}");
            let vector = vector.with("class", class).with("error", error);
            all.push((format!("{kind}/{name}.txt"), vector));
        }
    }
    all
}

/// A case's file name without ending, and its contents but for class and error.
type Cases = Vec<(&'static str, Vector)>;
