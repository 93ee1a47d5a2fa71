use std::io::Write as _;
use std::path::{Path, PathBuf};

use adyton_attester::{
    Availability, create_platform_key, detect, load_platform_key, measure_running_executable,
};
use adyton_client::{Access, Existing, FileError, NewFile};
use adyton_enclaved::LEAST_SECRET_BYTES;
use adyton_shield::{Finding, probe};
use adyton_types::{ErrorClass, ReportData};
use serde_json::json;

use crate::failure::failure_from;
use crate::machine::MachineArgs;
use crate::places::StateArgs;
use crate::{Failure, Out};

/// What can be done with the TEEs of this machine.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make the platform key of this machine's software TEE
    #[command(after_help = "Example:\n  adyton tee init")]
    Init(StateArgs),
    /// Show what data owners pin: the platform key's fingerprint, and this executable's measurement
    #[command(after_help = "Example:\n  adyton tee show --json")]
    Show(StateArgs),
    /// Say which TEEs and which protections this machine has, and what to do about what is missing
    #[command(
        after_help = "Example:\n  adyton tee doctor\n\nExit code 5 if a protection of the software TEE does not hold here."
    )]
    Doctor(StateArgs),
    /// Ask this machine's TEE for Evidence, to look at it and learn what it measures
    #[command(after_help = EVIDENCE_EXAMPLES)]
    Evidence(EvidenceArgs),
}

const EVIDENCE_EXAMPLES: &str = "\
Examples:
  adyton tee evidence --tee snp --report-data HEX --out report
  adyton inspect report            what does it say?
  adyton verify report --fetch     is it authentic, and what is the platform measurement?

The software TEE gives none here: its Evidence is about an enclave, which only `adyton run` makes.";

/// Asks for Evidence.
#[derive(Debug, clap::Args)]
pub(crate) struct EvidenceArgs {
    /// What the Evidence shall vouch for: 64 bytes in hexadecimal, not all zero
    #[arg(long, value_name = "HEX", value_parser = super::verify::report_data)]
    report_data: ReportData,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file, if it is there
    #[arg(long, short)]
    force: bool,
    #[command(flatten)]
    machine: MachineArgs,
}

failure_from!(
    adyton_attester::AttesterError,
    adyton_attester::KeyFileError
);

pub(crate) fn run(command: &Command, out: Out) -> Result<(), Failure> {
    match command {
        Command::Init(state) => {
            let path = state.platform_key()?;
            create_platform_key(&path, &mut adyton_crypto::os_rng())?;
            out.note(&format!("made `{}`", path.display()));
            show(&path, out)
        }
        Command::Show(state) => show(&state.platform_key()?, out),
        Command::Doctor(state) => doctor(&state.platform_key()?, out),
        Command::Evidence(args) => evidence(args, out),
    }
}

fn evidence(args: &EvidenceArgs, out: Out) -> Result<(), Failure> {
    let Some(source) = args.machine.source()? else {
        return Err(Failure::usage(
            "Evidence of the software TEE is about an enclave, which only `adyton run` makes; name another with --tee",
        ));
    };
    let existing = if args.force {
        Existing::Replace
    } else {
        Existing::Refuse
    };
    let evidence = source.open(Path::new("/"))?.evidence(&args.report_data)?;
    let file = NewFile::create(&args.out, Access::Public, existing)?;
    let mut to = file.file();
    to.write_all(&evidence.bytes)
        .map_err(|error| FileError::io("write", &args.out, error))?;
    file.publish()?;
    out.result(
        &format!(
            "wrote {} bytes of Evidence, kind {}, to `{}`",
            evidence.bytes.len(),
            evidence.kind,
            args.out.display()
        ),
        &json!({
            "kind": evidence.kind.as_str(),
            "bytes": evidence.bytes.len(),
            "path": args.out.display().to_string(),
        }),
    )
}

fn show(platform_key: &Path, out: Out) -> Result<(), Failure> {
    let fingerprint = load_platform_key(platform_key)?.fingerprint();
    let measurement = measure_running_executable()?;
    out.result(
        &format!(
            "kind                  software (no hardware root: whoever can read the platform key can state anything)\n\
             platform id           {fingerprint}\n\
             platform measurement  {measurement}"
        ),
        &json!({
            "kind": "software",
            "platform-id": fingerprint.to_string(),
            "platform-measurement": measurement.to_string(),
            "platform-key": platform_key.display().to_string(),
        }),
    )
}

fn doctor(platform_key: &Path, out: Out) -> Result<(), Failure> {
    let tees = detect(Path::new("/"), platform_key);
    let findings = probe(LEAST_SECRET_BYTES);
    let mut lines = vec!["Trusted Execution Environments".to_owned()];
    lines.extend(tees.iter().map(|tee| {
        let mark = if tee.availability == Availability::Ready {
            "yes"
        } else {
            "no"
        };
        format!(
            "  {mark:4} {:12} {}",
            tee.kind.to_string(),
            tee.availability
        )
    }));
    lines.push("Protections of the software TEE".to_owned());
    lines.extend(findings.iter().map(finding_line));
    let missing = findings.iter().filter(|finding| !finding.holds()).count();
    let document = json!({
        "tees": tees.iter().map(|tee| json!({
            "kind": tee.kind.as_str(),
            "ready": tee.availability == Availability::Ready,
            "finding": tee.availability.to_string(),
        })).collect::<Vec<_>>(),
        "protections": findings.iter().map(|finding| json!({
            "name": finding.protection().as_str(),
            "holds": finding.holds(),
            "reason": finding.reason(),
            "advice": finding.advice(),
        })).collect::<Vec<_>>(),
    });
    out.result(&lines.join("\n"), &document)?;
    match missing {
        0 => Ok(()),
        n => Err(Failure::of(
            ErrorClass::Unavailable,
            format!("{n} protections of the software TEE do not hold here"),
        )),
    }
}

fn finding_line(finding: &Finding) -> String {
    let mark = if finding.holds() { "yes" } else { "no" };
    let name = finding.protection().as_str();
    match finding.advice() {
        Some(advice) => format!("  {mark:4} {name:14} {}; {advice}", finding.reason()),
        None => format!("  {mark:4} {name:14} {}", finding.reason()),
    }
}
