use std::ops::Range;
use std::path::PathBuf;

use adyton_client::{BuildError, Existing, build, read_manifest};
use adyton_program::Manifest;
use serde_json::json;

use crate::places::here;
use crate::{Failure, Out};

const BUILD_EXAMPLES: &str = "\
Examples:
  adyton build                      reads adyton.toml here, writes NAME.adyton
  adyton build programs/risk -o risk.adyton

The program is a WebAssembly component (WASI 0.2) or a WASI preview 1 module; a module is made a
component. The same input makes the same bundle, byte for byte.";

/// Makes a bundle.
#[derive(Debug, clap::Args)]
#[command(after_help = BUILD_EXAMPLES)]
pub(crate) struct Args {
    /// An adyton.toml, or the directory that has it
    #[arg(default_value = ".")]
    source: PathBuf,
    /// The bundle's file [default: NAME.adyton beside adyton.toml]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the bundle if it is there already
    #[arg(long, short)]
    force: bool,
}

/// Prints a bundle's program measurement.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  adyton measure risk.adyton      this is what a release document names"
)]
pub(crate) struct MeasureArgs {
    /// The bundle
    bundle: PathBuf,
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        let place = match &error {
            BuildError::Source { text, source, .. } => source.span().map(|span| place(text, &span)),
            _ => None,
        };
        Self::new(error.class(), &error).with_details(place.into_iter().flatten())
    }
}

pub(crate) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let source = if args.source.is_dir() {
        here(&args.source).join("adyton.toml")
    } else {
        args.source.clone()
    };
    let existing = if args.force {
        Existing::Replace
    } else {
        Existing::Refuse
    };
    let (manifest, path) = build(&source, args.out.as_deref(), existing)?;
    let measurement = manifest.measurement().to_string();
    out.result(
        &format!(
            "bundle       {}\nmeasurement  {measurement}",
            path.display()
        ),
        &json!({ "bundle": path.display().to_string(), "measurement": measurement }),
    )
}

pub(crate) fn measure(args: &MeasureArgs, out: Out) -> Result<(), Failure> {
    let measurement = read_manifest(&args.bundle)?.measurement().to_string();
    out.result(&measurement, &json!({ "measurement": measurement }))
}

/// Shows what a bundle is and may do.
pub(crate) fn inspect(manifest: &Manifest, out: Out) -> Result<(), Failure> {
    out.result(&described(manifest), &document(manifest))
}

/// What the program is and may do, line by line, for an owner who is no programmer.
pub(crate) fn described(manifest: &Manifest) -> String {
    let lines = manifest.describe();
    let lines = lines
        .iter()
        .map(|line| format!("{:12} {}\n", line.topic.to_string(), line.text));
    lines
        .chain([format!("{:12} {}", "measurement", manifest.measurement())])
        .collect()
}

fn document(manifest: &Manifest) -> serde_json::Value {
    let outputs: Vec<_> = manifest
        .outputs()
        .iter()
        .map(|output| {
            let recipients: Vec<_> = output.recipients().as_slice().iter().map(ToString::to_string).collect();
            json!({ "name": output.name().as_str(), "recipients": recipients, "max-bytes": output.max_bytes() })
        })
        .collect();
    let inputs: Vec<_> = manifest
        .inputs()
        .iter()
        .map(|input| json!({ "name": input.name().as_str(), "broker": input.broker().map(ToString::to_string) }))
        .collect();
    let limits = manifest.limits();
    json!({
        "measurement": manifest.measurement().to_string(),
        "name": manifest.name().as_str(),
        "component": {
            "sha384": adyton_codec::hex_encode(manifest.component_sha384()),
            "bytes": manifest.component_size(),
        },
        "args": manifest.args(),
        "env": manifest.env(),
        "inputs": inputs,
        "outputs": outputs,
        "stdout": manifest.stdout().map(|name| name.as_str()),
        "stderr": manifest.stderr().map(|name| name.as_str()),
        "limits": { "memory-bytes": limits.memory_bytes(), "time-secs": limits.time_secs() },
        "clock": manifest.clock().as_str(),
        "network": manifest.network().as_str(),
        "debug": manifest.debug(),
    })
}

/// The line of a document that is at fault, with a mark below it.
pub(crate) fn place(text: &str, span: &Range<usize>) -> Vec<String> {
    let start = span.start.min(text.len());
    let before = text.get(..start).unwrap_or_default();
    let (number, begins) = (
        before.matches('\n').count() + 1,
        before.rfind('\n').map_or(0, |at| at + 1),
    );
    let line = text
        .get(begins..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    let column = text.get(begins..start).unwrap_or_default().chars().count();
    let width = text
        .get(span.clone())
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .count();
    vec![
        format!("{number:>4} | {line}"),
        format!("     | {}{}", " ".repeat(column), "^".repeat(width.max(1))),
    ]
}
