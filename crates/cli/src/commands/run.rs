use std::collections::BTreeMap;
use std::path::PathBuf;

use adyton_client::{Existing, Observer, Placement, RunReport, RunRequest, Source, Step};
use adyton_transport::BrokerAddress;
use adyton_types::Name;
use serde_json::json;

use crate::failure::failure_from;
use crate::machine::MachineArgs;
use crate::named::{MaybeNamed, Named};
use crate::places::{StateArgs, code_cache, here};
use crate::platform::root;
use crate::{Failure, Out};

const EXAMPLES: &str = "\
Examples:
  One owner, one broker:
    adyton run risk.adyton --input data=patients.age --broker 10.0.0.5:7443#ID

  Three owners, each with a broker of its own:
    adyton run heart.adyton \\
      --input a=a.age --broker a=broker-a:7443#ID \\
      --input b=b.age --broker b=broker-b:7443#ID \\
      --input c=c.age --broker c=broker-c:7443#ID

  On a machine that is a TEE itself:
    adyton run risk.adyton --input data=patients.age --broker 10.0.0.5:7443#ID --tee snp

Each output is written sealed to NAME.age, the receipt to BUNDLE.receipt.";

/// Runs a bundle on sealed inputs, inside an enclave.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The bundle that `adyton build` made
    bundle: PathBuf,
    /// A sealed input of the program
    #[arg(long = "input", short, value_name = "NAME=FILE")]
    inputs: Vec<Named<PathBuf>>,
    /// The broker that holds an input's key (without NAME=: of every input not named otherwise)
    #[arg(long = "broker", short, value_name = "[NAME=]HOST:PORT#ID")]
    brokers: Vec<MaybeNamed<BrokerAddress>>,
    /// The secret's name at the broker, where it is not the input's own
    #[arg(long = "secret", value_name = "NAME=SECRET")]
    secrets: Vec<Named<Name>>,
    /// Where an output goes, where not to NAME.age
    #[arg(long = "output", short, value_name = "NAME=FILE")]
    outputs: Vec<Named<PathBuf>>,
    /// The directory for outputs and the receipt
    #[arg(long, value_name = "DIR", default_value = ".")]
    out_dir: PathBuf,
    /// Where the receipt goes, where not to BUNDLE.receipt
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    /// Replace outputs and receipt that are there already
    #[arg(long, short)]
    force: bool,
    /// Compile the program anew and keep no compiled code
    #[arg(long)]
    no_cache: bool,
    /// Show how long each step took
    #[arg(long)]
    timings: bool,
    #[command(flatten)]
    state: StateArgs,
    #[command(flatten)]
    machine: MachineArgs,
}

failure_from!(adyton_client::RunError);

pub(crate) fn run(args: Args, out: Out) -> Result<(), Failure> {
    let (timings, request) = (args.timings, request(args)?);
    let mut shown = Shown { bar: out.spinner() };
    let report = adyton_client::run(&request, &mut shown);
    shown.bar.finish_and_clear();
    let report = report.map_err(with_claims)?;
    out.result(&text(&report, timings), &document(&report))
}

fn request(args: Args) -> Result<RunRequest, Failure> {
    let mut for_all = args
        .brokers
        .iter()
        .filter(|MaybeNamed(name, _)| name.is_none());
    let default_broker = for_all.next().map(|MaybeNamed(_, at)| at.clone());
    if for_all.next().is_some() {
        return Err(Failure::usage(
            "--broker is given twice without the name of an input; say --broker NAME=HOST:PORT#ID",
        ));
    }
    let brokers = unique(
        "--broker",
        args.brokers
            .into_iter()
            .filter_map(|MaybeNamed(name, at)| Some((name?, at))),
    )?;
    let secrets = unique(
        "--secret",
        args.secrets
            .into_iter()
            .map(|Named(name, secret)| (name, secret)),
    )?;
    let inputs = unique(
        "--input",
        args.inputs
            .into_iter()
            .map(|Named(name, path)| (name, path)),
    )?;
    no_strays(brokers.keys().chain(secrets.keys()), &inputs)?;
    let source = |(name, path): (Name, PathBuf)| {
        let broker = brokers.get(&name).or(default_broker.as_ref()).cloned();
        let secret = secrets.get(&name).cloned().unwrap_or_else(|| name.clone());
        (
            name,
            Source {
                path,
                broker,
                secret,
            },
        )
    };
    Ok(RunRequest {
        adyton: "/proc/self/exe".into(),
        bundle: args.bundle,
        inputs: inputs.into_iter().map(source).collect(),
        outputs: unique(
            "--output",
            args.outputs
                .into_iter()
                .map(|Named(name, path)| (name, path)),
        )?,
        placement: Placement {
            dir: here(&args.out_dir).to_owned(),
            receipt: args.receipt,
            existing: if args.force {
                Existing::Replace
            } else {
                Existing::Refuse
            },
        },
        platform_key: args.state.platform_key()?,
        tee: args.machine.source()?,
        code_cache: if args.no_cache { None } else { code_cache() },
    })
}

/// Only inputs have brokers and secrets.
fn no_strays<'a>(
    mut named: impl Iterator<Item = &'a Name>,
    inputs: &BTreeMap<Name, PathBuf>,
) -> Result<(), Failure> {
    match named.find(|name| !inputs.contains_key(*name)) {
        None => Ok(()),
        Some(stray) => Err(Failure::usage(format!(
            "`{stray}` is given a broker or secret, and no --input {stray}=FILE"
        ))),
    }
}

fn unique<T>(
    flag: &str,
    pairs: impl Iterator<Item = (Name, T)>,
) -> Result<BTreeMap<Name, T>, Failure> {
    let mut map = BTreeMap::new();
    for (name, value) in pairs {
        if map.insert(name.clone(), value).is_some() {
            return Err(Failure::usage(format!("{flag} {name}=... is given twice")));
        }
    }
    Ok(map)
}

/// A denial is told claim by claim.
fn with_claims(error: adyton_client::RunError) -> Failure {
    let claims = match &error {
        adyton_client::RunError::Denied { denied, .. } => denied.iter().map(denied_line).collect(),
        _ => Vec::new(),
    };
    Failure::from(error).with_details(claims)
}

pub(crate) fn denied_line(denied: &adyton_protocol::Denied) -> String {
    let secret = denied
        .secret
        .as_ref()
        .map_or_else(String::new, |secret| format!("{secret}: "));
    let failed = &denied.failed;
    format!(
        "{secret}{}: expected {}, found {}",
        failed.claim, failed.expected, failed.found
    )
}

struct Shown {
    bar: indicatif::ProgressBar,
}

impl Observer for Shown {
    fn step(&mut self, step: &Step) {
        self.bar.set_message(step.to_string());
        self.bar
            .enable_steady_tick(std::time::Duration::from_millis(100));
    }
}

fn text(report: &RunReport, timings: bool) -> String {
    let mut lines = vec![format!("program   {}", report.program)];
    lines.extend(
        report
            .outputs
            .iter()
            .map(|o| format!("output    {} ({} bytes, sealed)", o.path.display(), o.size)),
    );
    lines.push(format!("receipt   {}", report.receipt.display()));
    lines.push(format!("platform  {}", root(report.platform)));
    if timings {
        lines.extend(
            report
                .timings
                .iter()
                .map(|(step, us)| format!("{step:32} {us:>9} us")),
        );
    }
    lines.join("\n")
}

fn document(report: &RunReport) -> serde_json::Value {
    let outputs: Vec<_> = report
        .outputs
        .iter()
        .map(|o| json!({ "name": o.name.as_str(), "path": o.path.display().to_string(), "bytes": o.size }))
        .collect();
    let timings: serde_json::Map<_, _> = report
        .timings
        .iter()
        .map(|(step, us)| (step.clone(), json!(us)))
        .collect();
    json!({
        "program": report.program.to_string(),
        "run": adyton_codec::hex_encode(&report.run),
        "outputs": outputs,
        "receipt": report.receipt.display().to_string(),
        "platform": report.platform.as_str(),
        "timings-us": timings,
    })
}
