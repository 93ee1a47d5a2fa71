//! One bit flipped in every byte: refused, or the byte is in the list of those that nothing signs.

use std::collections::BTreeMap;
use std::ops::Range;

use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_intel_dcap::{IntelBundle, IntelEndorsements, IntelTee, Roots, verify};
use adyton_types::UnixTime;

use crate::vectors::Vectors;

/// A part of the Endorsements that can be changed.
type Part = fn(&mut IntelBundle) -> &mut [u8];

struct Case {
    name: String,
    quote: Vec<u8>,
    bundle: IntelBundle,
    roots: Roots,
    now: UnixTime,
}

impl Case {
    fn forged(name: &str, forge: &IntelForge) -> Self {
        Self {
            name: name.to_owned(),
            quote: forge.quote(),
            bundle: forge.bundle(),
            roots: forge.roots(),
            now: forge.now,
        }
    }

    fn endorsements(&self, bundle: &IntelBundle) -> Option<IntelEndorsements> {
        let tee = if self.quote.first() == Some(&3) {
            IntelTee::Sgx
        } else {
            IntelTee::Tdx
        };
        IntelEndorsements::verify(tee, bundle, &self.roots, 0, self.now).ok()
    }

    /// The places of a quote at which a flipped bit is not noticed.
    fn unsigned_of_quote(&self) -> Vec<usize> {
        let endorsements = self.endorsements(&self.bundle).expect("good Endorsements");
        assert!(
            verify(&self.quote, &endorsements, self.now).is_ok(),
            "{}",
            self.name
        );
        let accepted = |at: &usize| {
            (0..8).any(|bit| {
                let mut quote = self.quote.clone();
                quote[*at] ^= 1 << bit;
                verify(&quote, &endorsements, self.now).is_ok()
            })
        };
        (0..self.quote.len()).filter(accepted).collect()
    }

    /// The same of one part of the bundle, one bit in each byte, another bit from byte to byte.
    fn unsigned_of(&self, part: Part) -> Vec<usize> {
        let mut bundle = self.bundle.clone();
        let len = part(&mut bundle).len();
        let accepted = |at: &usize| {
            let mut bundle = self.bundle.clone();
            part(&mut bundle)[*at] ^= 1 << (*at % 8);
            self.endorsements(&bundle).is_some()
        };
        (0..len).filter(accepted).collect()
    }

    fn unsigned_of_bundle(&self) -> BTreeMap<&'static str, Vec<usize>> {
        let parts: [(&str, Part); 9] = [
            ("tcb_info", |b| &mut b.tcb_info.body),
            ("tcb_info_signature", |b| &mut b.tcb_info.signature),
            ("tcb_info_chain", |b| &mut b.tcb_info_chain),
            ("qe_identity", |b| &mut b.qe_identity.body),
            ("qe_identity_signature", |b| &mut b.qe_identity.signature),
            ("qe_identity_chain", |b| &mut b.qe_identity_chain),
            ("root_crl", |b| &mut b.root_crl),
            ("pck_crl", |b| &mut b.pck_crl),
            ("pck_crl_chain", |b| &mut b.pck_crl_chain),
        ];
        parts
            .into_iter()
            .map(|(name, part)| (name, self.unsigned_of(part)))
            .filter(|(_, places)| !places.is_empty())
            .collect()
    }
}

/// Places next to each other as one range.
fn runs(places: &[usize]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in places {
        match runs.last_mut() {
            Some(run) if run.end == *at => run.end += 1,
            _ => runs.push(*at..at + 1),
        }
    }
    runs
}

/// What a byte is, if nothing signs it.
fn explained(quote: &[u8], at: usize) -> bool {
    // The NUL or line break after the last certificate, and nothing else.
    at + 2 >= quote.len() && matches!(quote[at], 0 | b'\n')
}

#[expect(clippy::print_stdout, reason = "the list is for people to read")]
fn sweep(case: &Case) {
    let places = case.unsigned_of_quote();
    println!(
        "{}: unsigned bytes of the quote: {:?} of {}",
        case.name,
        runs(&places),
        case.quote.len()
    );
    for at in places {
        assert!(explained(&case.quote, at), "{}: byte {at}", case.name);
    }
    let bundle = case.unsigned_of_bundle();
    println!(
        "{}: unsigned bytes of the Endorsements: {bundle:?}",
        case.name
    );
    assert!(bundle.is_empty(), "{}: {bundle:?}", case.name);
}

#[test]
fn forged_evidence() {
    sweep(&Case::forged("forged TDX v4", &IntelForge::tdx()));
}

#[test]
fn real_evidence() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    for kind in ["tdx-v4/", "tdx-v5/", "sgx-v3/"] {
        let rows = vectors.rows();
        let good = |row: &&crate::vectors::Row| {
            row.quote.starts_with(kind) && row.strict.starts_with("OK")
        };
        let row = rows.iter().find(good).expect("a row of that kind");
        sweep(&Case {
            name: row.quote.clone(),
            quote: vectors.read(&row.quote),
            bundle: vectors.bundle(&row.bundle),
            roots: Roots::intel(),
            now: row.now,
        });
    }
}
