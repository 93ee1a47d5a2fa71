//! Attest, have a key released, open the input: a broker on loopback, TLS and all.

use super::bed::{Bed, steps, text};
use super::figures::{self, percentile, table};
use super::start::print_steps;
use crate::error::XtaskError;

const ROUNDS: usize = 40;

const BAR_MS: f64 = 15.0;

/// From the first step on which the run waits for its key to the last.
const PARTS: [&str; 4] = [
    "enclave: attest",
    "enclave: wait for answers",
    "enclave: open answers",
    "enclave: open inputs",
];

pub(super) fn run(bed: &Bed<'_>) -> Result<(), XtaskError> {
    let manifest = "args = [\"data\"]\n[[input]]\nname = \"data\"\n";
    let drain = bed.program("drain", "drain.wasm", manifest)?;
    let (recipient, identity) = bed.key_pair("release")?;
    let clear = bed.write("small.csv", &"a line of a table,1,2,3\n".repeat(400))?;
    let sealed = bed.path("small.age");
    bed.adyton(&[
        "seal",
        text(&clear),
        "--to",
        &recipient,
        "--out",
        text(&sealed),
    ])?;
    let broker = bed.broker(&drain.bundle, &identity)?;
    let input = format!("data={}", text(&sealed));
    let mut all = Vec::new();
    for round in 0..=ROUNDS {
        let report = bed.adyton(&[
            "run",
            text(&drain.bundle),
            "--force",
            "--input",
            &input,
            "--broker",
            &broker.address,
        ])?;
        // The first compiles.
        if round > 0 {
            all.push(steps(&report));
        }
    }
    let sum = |run: &Vec<(String, f64)>| {
        let parts = run
            .iter()
            .filter(|(step, _)| PARTS.contains(&step.as_str()));
        parts.map(|(_, us)| us / 1e3).sum::<f64>()
    };
    let sums: Vec<f64> = all.iter().map(sum).collect();
    let at = |percent| format!("{:.1}", percentile(&sums, percent));
    let row = vec!["attest, release, open".to_owned(), at(0), at(50), at(99)];
    table(&["ms", "least", "p50", "p99"], &[row]);
    let p50 = percentile(&sums, 50);
    figures::bar(&format!("p50 at most {BAR_MS} ms"), p50 <= BAR_MS);
    print_steps(&all);
    Ok(())
}
