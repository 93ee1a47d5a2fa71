use std::path::PathBuf;

use adyton_client::read_manifest;
use adyton_verifier::envelope::{EnvelopeError, Found, MAX_ENVELOPE_BYTES, detect};
use adyton_verifier::fields;
use serde_json::{Value, json};

use crate::commands::build;
use crate::printable::lines;
use crate::{Failure, Out};

const EXAMPLES: &str = "\
Examples:
  adyton inspect risk.adyton        a bundle: what the program is and may do
  adyton inspect quote.bin          Evidence of a TEE: every field of it, judged by nobody";

/// Shows what a bundle is and may do, or what Evidence states.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The bundle, or Evidence in any form that `adyton verify` takes
    file: PathBuf,
}

pub(crate) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    match evidence(args)? {
        Some(found) => show(args, &found, out),
        None => build::inspect(&read_manifest(&args.file)?, out),
    }
}

/// The Evidence in the file; `None` if it is none, and so has to be a bundle. A bundle may be
/// larger than any Evidence: only so much is read here as Evidence may measure.
fn evidence(args: &Args) -> Result<Option<Found>, Failure> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let limit = MAX_ENVELOPE_BYTES as u64;
    let read = std::fs::File::open(&args.file)
        .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut bytes));
    if read.is_err() {
        // Whoever reads the bundle says what is wrong with the file.
        return Ok(None);
    }
    match detect(&bytes) {
        Ok(found) => Ok(Some(found)),
        Err(EnvelopeError::Unknown | EnvelopeError::TooLong { .. } | EnvelopeError::TooDeep) => {
            Ok(None)
        }
        Err(error) => Err(Failure::from(error).context(format!("`{}`", args.file.display()))),
    }
}

fn show(args: &Args, found: &Found, out: Out) -> Result<(), Failure> {
    let kind = found.evidence.kind;
    let named = |failure: Failure| failure.context(format!("`{}`", args.file.display()));
    let fields = fields(&found.evidence).map_err(|error| named(error.into()))?;
    let shown = fields
        .iter()
        .map(|field| format!("{:34} {}", field.name, field.value));
    let text = lines(&shown.collect::<Vec<_>>());
    let all: Vec<Value> = fields
        .iter()
        .map(|field| json!({ "name": field.name, "value": field.value }))
        .collect();
    out.result(
        &format!("NOT VERIFIED: this is what Evidence of kind {kind} states\n{text}"),
        &json!({
            "verified": false,
            "kind": kind.as_str(),
            "bytes": found.evidence.bytes.len(),
            "envelope": found.layers,
            "fields": all,
        }),
    )
}
