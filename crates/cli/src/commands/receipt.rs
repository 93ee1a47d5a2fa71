use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use adyton_client::{ReadFrom, now, read_file, read_manifest, sha256_file};
use adyton_codec::hex_encode;
use adyton_program::Manifest;
use adyton_protocol::limits::MAX_RECEIPT_BYTES;
use adyton_protocol::{Pins, ReceiptError, ReceiptPayload, verify_receipt};
use adyton_types::{
    ErrorClass, Fingerprint, Name, ProgramMeasurement, Sha256Digest, TeeKind, UnixTime,
};
use clap::ArgGroup;
use serde_json::{Value, json};

use crate::accept::{AcceptArgs, Accepted};
use crate::failure::failure_from;
use crate::named::Named;
use crate::platform::root;
use crate::{Failure, Out};

const VERIFY_EXAMPLES: &str = "\
Example:
  adyton receipt verify heart.receipt --bundle heart.adyton \\
    --platform-id FINGERPRINT --platform-measurement SHA256-OF-ADYTON \\
    --broker ID --broker ID --output report=report.age

Nothing is asked of anybody: the receipt and these pins are enough. Where they come from:
  --platform-id           `adyton tee show` on the machine that ran it, told to you by its operator
  --platform-measurement  `sha256sum` of the adyton executable that you trust
  --broker                `adyton broker status` of each data owner

A receipt of hardware verifies while the vendors' Endorsements last, which is days to weeks. Verify it
when you get it, and keep the directory of Endorsements with it. Later:
  adyton receipt verify heart.receipt --bundle heart.adyton --policy accepted.toml --broker ID \\
    --endorsements kept/ --at 2026-11-23T12:00:00Z";

/// What can be done with a receipt.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Verify a receipt against pins, offline
    Verify(Box<VerifyArgs>),
    /// Show what a receipt states, without verifying it
    Show(ShowArgs),
}

/// Verifies a receipt.
#[derive(Debug, clap::Args)]
#[command(after_help = VERIFY_EXAMPLES, group = ArgGroup::new("which").args(["bundle", "programs"]).required(true).multiple(true))]
pub(crate) struct VerifyArgs {
    /// The receipt
    receipt: PathBuf,
    /// The program that must have run, by its bundle
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// The program that must have run, by its measurement; may be repeated
    #[arg(long = "program", value_name = "MEASUREMENT")]
    programs: Vec<ProgramMeasurement>,
    /// A broker that may have released keys, by its id; may be repeated
    #[arg(long = "broker", value_name = "ID")]
    brokers: Vec<Fingerprint>,
    /// Verify as of this time, not of now, by the Endorsements that were kept then. That the receipt is
    /// so old is your word: take the time at which a broker that you pin released a key
    #[arg(long, value_name = "TIME")]
    at: Option<UnixTime>,
    #[command(flatten)]
    accept: AcceptArgs,
    /// A sealed file that must be the run's input of that name
    #[arg(long = "input", value_name = "NAME=FILE")]
    inputs: Vec<Named<PathBuf>>,
    /// A sealed file that must be the run's output of that name
    #[arg(long = "output", value_name = "NAME=FILE")]
    outputs: Vec<Named<PathBuf>>,
}

/// Shows a receipt.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  adyton receipt show heart.receipt")]
pub(crate) struct ShowArgs {
    /// The receipt
    receipt: PathBuf,
}

impl From<ReceiptError> for Failure {
    fn from(error: ReceiptError) -> Self {
        match &error {
            ReceiptError::Failed { failed, class } => Self::of(*class, "the receipt does not hold")
                .with_details(failed.iter().map(ToString::to_string))
                .with_details(advice(*class).map(ToOwned::to_owned)),
            _ => Self::new(error.class(), &error).context("this is no receipt"),
        }
    }
}

/// What to do about Evidence that nothing is wrong with.
fn advice(class: ErrorClass) -> Option<&'static str> {
    match class {
        ErrorClass::Stale => Some(
            "what to do: name the Endorsements that were kept with it by --endorsements, and a time at which they were good by --at",
        ),
        ErrorClass::Unavailable => Some(
            "what to do: name the vendor's Endorsements by --endorsements; those of its time were to be kept with it",
        ),
        _ => None,
    }
}

failure_from!(adyton_protocol::WireError);

pub(crate) fn run(command: &Command, out: Out) -> Result<(), Failure> {
    match command {
        Command::Verify(args) => verify(args, out),
        Command::Show(args) => show(args, out),
    }
}

fn verify(args: &VerifyArgs, out: Out) -> Result<(), Failure> {
    let bytes = read(&args.receipt)?;
    let mut programs: BTreeSet<_> = args.programs.iter().copied().collect();
    if let Some(bundle) = &args.bundle {
        programs.insert(read_manifest(bundle)?.measurement());
    }
    let at = args.at.unwrap_or_else(now);
    let Accepted {
        platforms,
        judging,
        dangers,
    } = args.accept.read(at, out)?;
    let pins = Pins {
        platforms,
        programs,
        brokers: args.brokers.iter().copied().collect(),
    };
    let named = |error| named(error, &args.receipt);
    let verified =
        verify_receipt(&bytes, &pins, &judging, at).map_err(|error| named(error.into()))?;
    let payload = verified.payload();
    let inputs = payload
        .inputs
        .iter()
        .map(|input| (&input.name, &input.sha256));
    compare("input", &args.inputs, &inputs)?;
    let outputs = payload
        .outputs
        .iter()
        .map(|output| (&output.name, &output.sha256));
    compare("output", &args.outputs, &outputs)?;
    let platform = verified.platform();
    let text = format!(
        "VERIFIED\nplatform  {}: {}, id {}\n{}",
        root(platform.kind),
        platform.measurement,
        platform.platform_id,
        described(payload)?
    );
    let mut lines = vec![text];
    lines.extend(
        args.at
            .map(|at| format!("as of     {at}, which is your word")),
    );
    lines.extend(dangers.iter().map(|danger| format!("DANGER    {danger}")));
    let mut document = document(payload);
    document["verified"] = json!(true);
    document["at"] = json!(at.to_string());
    document["dangers"] = json!(dangers);
    document["platform"] = json!({
        "kind": platform.kind.as_str(),
        "hardware-root": platform.kind != TeeKind::Software,
        "measurement": platform.measurement.to_string(),
        "id": platform.platform_id.to_string(),
    });
    out.result(&lines.join("\n"), &document)
}

fn show(args: &ShowArgs, out: Out) -> Result<(), Failure> {
    let payload = ReceiptPayload::danger_unverified(&read(&args.receipt)?)
        .map_err(|error| named(ReceiptError::from(error).into(), &args.receipt))?;
    let text = format!(
        "NOT VERIFIED: this is what the receipt states\n{}",
        described(&payload)?
    );
    let mut document = document(&payload);
    document["verified"] = json!(false);
    out.result(&text, &document)
}

fn named(failure: Failure, receipt: &Path) -> Failure {
    failure.context(format!("`{}`", receipt.display()))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(read_file(path, "receipt", MAX_RECEIPT_BYTES as u64)?)
}

/// The files on this disk are the ones that the receipt is about.
fn compare<'a>(
    what: &str,
    files: &[Named<PathBuf>],
    records: &(impl Iterator<Item = (&'a Name, &'a Sha256Digest)> + Clone),
) -> Result<(), Failure> {
    for Named(name, path) in files {
        let record = records.clone().find(|(recorded, _)| *recorded == name);
        let Some((_, expected)) = record else {
            return Err(Failure::rejected(format!(
                "the receipt has no {what} `{name}`"
            )));
        };
        let found = sha256_file(&ReadFrom::File(path.clone()))?;
        if found != *expected {
            let path = path.display();
            return Err(
                Failure::rejected(format!("`{path}` is not the run's {what} `{name}`"))
                    .with_details([format!("expected {expected}"), format!("found    {found}")]),
            );
        }
    }
    Ok(())
}

fn described(payload: &ReceiptPayload) -> Result<String, Failure> {
    let manifest = Manifest::decode(&payload.manifest)?;
    let mut lines = vec![
        format!("program   {} ({})", payload.program(), manifest.name()),
        format!(
            "ended     {} by the host's clock, which proves nothing",
            payload.host_time
        ),
    ];
    let release = |index: u64| {
        let release = usize::try_from(index)
            .ok()
            .and_then(|index| payload.releases.get(index));
        release.map_or_else(String::new, |r| {
            format!(
                ", key `{}` v{} from broker {}",
                r.secret,
                r.version,
                r.card.id()
            )
        })
    };
    lines.extend(payload.inputs.iter().map(|i| {
        format!(
            "input     {} sha256 {}{}",
            i.name,
            i.sha256,
            release(i.release)
        )
    }));
    lines.extend(payload.outputs.iter().map(|o| {
        format!(
            "output    {} sha256 {} ({} bytes)",
            o.name, o.sha256, o.size
        )
    }));
    lines.extend(payload.releases.iter().map(|r| {
        format!(
            "release   `{}` under policy {}, entry {} of the broker's log, at {} by its clock",
            r.secret, r.policy, r.index, r.leaf.time
        )
    }));
    Ok(lines.join("\n"))
}

fn document(payload: &ReceiptPayload) -> Value {
    let inputs = payload.inputs.iter().map(|i| {
        json!({ "name": i.name.as_str(), "sha256": i.sha256.to_string(), "bytes": i.size, "release": i.release })
    });
    let outputs = payload.outputs.iter().map(
        |o| json!({ "name": o.name.as_str(), "sha256": o.sha256.to_string(), "bytes": o.size }),
    );
    let releases = payload.releases.iter().map(|r| {
        json!({
            "broker": r.card.id().to_string(),
            "secret": r.secret.as_str(),
            "version": r.version,
            "policy": r.policy.to_string(),
            "request": r.request.to_string(),
            "log-index": r.index,
            "at": r.leaf.time.to_string(),
        })
    });
    json!({
        "run": hex_encode(&payload.run),
        "program": payload.program().to_string(),
        "host-time": payload.host_time.to_string(),
        "inputs": inputs.collect::<Vec<_>>(),
        "outputs": outputs.collect::<Vec<_>>(),
        "releases": releases.collect::<Vec<_>>(),
    })
}
