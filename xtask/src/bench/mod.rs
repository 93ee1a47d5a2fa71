//! The benchmarks behind `docs/performance.md`.
//!
//! A busy machine slows everything down alike, so that each benchmark measures what it is about and
//! a yardstick in turns, and prints the ratio of the two beside the bar that it should reach.
//! Nothing fails on account of a figure.

mod bed;
mod broker;
mod figures;
mod guest;
mod memory;
mod release;
mod seal;
mod size;
mod start;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::out;
use crate::repo::Repo;
use bed::Bed;

/// One benchmark: a name, what it answers, and what prints the figures.
struct Bench {
    name: &'static str,
    answers: &'static str,
    run: fn(&Bed<'_>) -> Result<(), XtaskError>,
}

const BENCHES: [Bench; 7] = [
    Bench {
        name: "start",
        answers: "from exec to the program's first instruction, against bare wasmtime",
        run: start::run,
    },
    Bench {
        name: "release",
        answers: "attest, have a key released and open an input, step by step",
        run: release::run,
    },
    Bench {
        name: "guest",
        answers: "processor time of a program inside, against bare wasmtime",
        run: guest::run,
    },
    Bench {
        name: "seal",
        answers: "sealing and opening, against the cipher alone, age and rage",
        run: seal::run,
    },
    Bench {
        name: "broker",
        answers: "durable releases a second, against the disk",
        run: broker::run,
    },
    Bench {
        name: "memory",
        answers: "memory of a run on an input of 2 GiB",
        run: memory::run,
    },
    Bench {
        name: "size",
        answers: "size of the program, what it is made of, and (--cold) how long a first build takes",
        run: size::run,
    },
];

/// Runs one benchmark or all, or lists them.
pub(crate) fn run(repo: &Repo, words: &[&str]) -> Result<Findings, XtaskError> {
    let [wanted, rest @ ..] = words else {
        for bench in &BENCHES {
            out::line(&format!("{:<10}{}", bench.name, bench.answers));
        }
        return Ok(Findings::default());
    };
    let wanted: Vec<&Bench> = BENCHES
        .iter()
        .filter(|bench| *wanted == "all" || bench.name == *wanted)
        .collect();
    if wanted.is_empty() {
        return Err(XtaskError::Unknown {
            what: "benchmark",
            name: words[0].to_owned(),
            known: BENCHES.map(|bench| bench.name).join(", "),
        });
    }
    let bed = Bed::make(repo, rest)?;
    for bench in wanted {
        out::line(&format!("\n{}: {}", bench.name, bench.answers));
        (bench.run)(&bed)?;
        out::line(&figures::load());
    }
    Ok(Findings::default())
}
