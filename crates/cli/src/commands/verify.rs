use std::path::{Path, PathBuf};

use adyton_appraisal::{AppraisalPolicy, Context, MAX_POLICY_BYTES};
use adyton_client::{now, read_file};
use adyton_codec::{hex_array, hex_encode};
use adyton_endorse::Fetched;
use adyton_types::{ErrorClass, ReportData, UnixTime};
use adyton_verifier::envelope::{Found, MAX_ENVELOPE_BYTES, detect};
use adyton_verifier::material::Trust;
use adyton_verifier::{
    AuthenticEvidence, Endorsements, MAX_LOG_BYTES, VerifiedEventLog, VerifyError, authenticate,
};

use crate::failure::failure_from;
use crate::fetching::{self, PRIVACY, SourceArgs};
use crate::places::endorsement_cache;
use crate::printable::one_line;
use crate::{Failure, Out};

mod ear;
mod endorsements;
mod events;
mod show;
mod trust;

use ear::{EarArgs, Issuer};
pub(crate) use endorsements::Collected;
use show::{Verdict, View};
pub(crate) use trust::TrustArgs;

const EXAMPLES: &str = "\
Examples:
  adyton verify report.bin --fetch                       is this Evidence authentic?
  adyton verify report.bin --endorsements amd/           the same without a network
  adyton verify quote.hex --endorsements intel/ --at 2026-01-31T00:00:00Z --explain
  adyton verify quote.bin --endorsements intel/ --report-data HEX --policy accepted.toml
  adyton verify quote.bin --fetch --report-data HEX --policy accepted.toml --ear result.jwt \\
    --ear-key verifier.key --ear-issuer verifier.example --ear-audience hospital.example

The verdict:
  VALID      authentic, about exactly that report data, and accepted by the policy
  BOUND      authentic, about exactly that report data; no policy was given
  AUTHENTIC  a TEE stated this; for whom, and whether to accept it, was not asked
Whatever does not hold ends the command with the name of the check and what to do about it.";

/// Verifies Evidence.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{PRIVACY}"))]
pub(crate) struct Args {
    /// The Evidence: as the TEE gave it, in hexadecimal, base64 or PEM, or in a JSON envelope
    evidence: PathBuf,
    /// Verify as of this time, not of now
    #[arg(long, value_name = "TIME")]
    at: Option<UnixTime>,
    /// A directory of Endorsements, or a file: certificates, revocation lists, signed documents and
    /// manifests, in DER, PEM, JSON or XML, recognised by content; may be repeated
    #[arg(long, value_name = "DIR")]
    endorsements: Vec<PathBuf>,
    /// The report data that the Evidence must vouch for: 64 bytes in hexadecimal
    #[arg(long, value_name = "HEX", value_parser = report_data)]
    report_data: Option<ReportData>,
    /// The event log of a trust domain, which its RTMRs have to bear out: as the firmware keeps it
    /// (/sys/firmware/acpi/tables/data/CCEL), or dstack's in JSON; --explain shows its events
    #[arg(long, value_name = "FILE")]
    event_log: Option<PathBuf>,
    /// An Appraisal Policy that must accept the platform
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Show every claim as well, and say what the verdict does not mean
    #[arg(long)]
    explain: bool,
    /// Fetch the Endorsements that are not at hand from their vendors, and keep them
    #[arg(long)]
    fetch: bool,
    /// Where fetched Endorsements are kept [default: $XDG_CACHE_HOME/adyton/endorsements or
    /// ~/.cache/adyton/endorsements]
    #[arg(long, value_name = "DIR", requires = "fetch")]
    cache: Option<PathBuf>,
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    ear: EarArgs,
}

failure_from!(
    adyton_verifier::envelope::EnvelopeError,
    adyton_verifier::material::MaterialError,
);

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        let mut details = vec![format!("check: {}", error.check())];
        if let VerifyError::Missing { needed, .. } = &error {
            for needed in needed {
                details.push(format!("needs {needed}"));
                details.extend(needed.url().map(|url| format!("      from {url}")));
            }
        }
        if let VerifyError::ReportData { expected, found } = &error {
            details.push(format!("expected: {}", hex_encode(expected)));
            details.push(format!("found: {}", hex_encode(found)));
        }
        details.push(format!("what to do: {}", advice(&error)));
        Self::new(error.class(), &error).with_details(details)
    }
}

/// What to do about an error.
const fn advice_of(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Malformed => {
            "it is damaged, or not what it is said to be: get it anew from where it was made"
        }
        ErrorClass::Rejected => {
            "do not trust this machine; if you do not expect an attack, have its operator look"
        }
        ErrorClass::Stale => {
            "fetch it anew and verify again; for Evidence of the past, give its time with --at and the Endorsements of that time"
        }
        ErrorClass::Unavailable => {
            "have it fetched with --fetch, or put it into a directory and name that with --endorsements"
        }
        ErrorClass::Misuse => "change the command",
    }
}

fn advice(error: &VerifyError) -> &'static str {
    match error {
        VerifyError::ReportData { .. } | VerifyError::EmptyReportData => {
            "this Evidence was made for somebody else, or for another session: ask for new Evidence over your own binding"
        }
        VerifyError::NoRegisters { .. } => {
            "leave --event-log out, or give the quote that the log belongs to"
        }
        error => advice_of(error.class()),
    }
}

pub(crate) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let found = read_evidence(&args.evidence)?;
    let at = args.at.unwrap_or_else(now);
    let policy = args.policy.as_deref().map(read_policy).transpose()?;
    let issuer = args.ear.issuer()?;
    let (trust, dangers) = args.trust.trust()?;
    let mut collected = Collected::read(&args.endorsements, out)?;
    collected.add_beside(&found.beside);
    let fetched = fetch(args, &found, &mut collected, (&trust, at), out)?;
    let endorsements = collected.endorse(&trust, at);
    let named = |failure: Failure| failure.context(format!("`{}`", args.evidence.display()));
    let authentic = authenticate(&found.evidence, &endorsements, at)
        .map_err(|error| named(refused(error, &endorsements, fetched.as_ref())))?;
    let mut verdict = Verdict::Authentic;
    let mut checks = authentic.checks().to_vec();
    if let Some(expected) = &args.report_data {
        let bound = authentic.clone().bind(expected);
        checks = bound
            .map_err(|error| named(error.into()))?
            .checks()
            .to_vec();
        verdict = Verdict::Bound;
    }
    let log = args.event_log.as_deref();
    let log = log.map(|log| explained(log, &authentic)).transpose()?;
    checks.extend(log.iter().flat_map(VerifiedEventLog::checks));
    if let Some(policy) = &policy {
        let references = collected.references();
        let context = Context {
            now: at,
            references,
        };
        accept(policy, &authentic, &context, issuer, out).map_err(named)?;
        if verdict == Verdict::Bound {
            verdict = Verdict::Valid;
        }
    }
    let view = View {
        verdict,
        at,
        found: &found,
        authentic: &authentic,
        checks: &checks,
        log: log.as_ref(),
        policy: policy.as_ref(),
        bound: args.report_data.is_some(),
        files: collected.files(),
        dangers: &dangers,
        fetched: fetched.as_ref(),
        explain: args.explain,
    };
    if args.ear.is_output() {
        return Ok(());
    }
    out.result(&view.text(), &view.document())
}

/// Fetches what is not at hand, if that was asked for.
fn fetch(
    args: &Args,
    found: &Found,
    collected: &mut Collected,
    judge: (&Trust, UnixTime),
    out: Out,
) -> Result<Option<Fetched>, Failure> {
    if !args.fetch {
        if args.sources.is_given() {
            let wrong = "where to fetch from is said, and not --fetch: say that, too";
            return Err(Failure::usage(wrong));
        }
        return Ok(None);
    }
    let cache = args.cache.clone().or_else(endorsement_cache);
    let no_home = "there is no HOME to keep Endorsements in; say --cache DIR";
    let cache = cache.ok_or_else(|| Failure::usage(no_home))?;
    let at_hand = collected.material();
    let fetched = args
        .sources
        .fetch(&found.evidence, at_hand, &cache, judge, out)?;
    for line in fetching::lines(&fetched) {
        out.note(&one_line(&line));
    }
    collected.add_files(fetched.files(), out)?;
    Ok(Some(fetched))
}

/// The error, with the Endorsements that were refused: one of them may be why another is missing.
fn refused(error: VerifyError, endorsements: &Endorsements, fetched: Option<&Fetched>) -> Failure {
    let missing = matches!(error, VerifyError::Missing { .. });
    let fetched = fetched.map(fetching::lines).unwrap_or_default();
    let failure = Failure::from(error).with_details(fetched);
    if !missing {
        return failure;
    }
    let others = endorsements.refused().iter();
    failure.with_details(others.map(|(scope, error)| {
        format!("refused, for {scope:?}: {error} (check: {})", error.check())
    }))
}

/// Reads a file and finds the Evidence in it.
pub(crate) fn read_evidence(path: &Path) -> Result<Found, Failure> {
    let bytes = read_file(path, "Evidence", MAX_ENVELOPE_BYTES as u64)?;
    detect(&bytes).map_err(|error| Failure::from(error).context(format!("`{}`", path.display())))
}

/// The event log in a file, borne out by the Evidence.
fn explained(path: &Path, authentic: &AuthenticEvidence) -> Result<VerifiedEventLog, Failure> {
    let log = read_file(path, "event log", MAX_LOG_BYTES as u64)?;
    let explained = authentic.explain_registers(&log);
    explained.map_err(|error| Failure::from(error).context(format!("`{}`", path.display())))
}

/// Reads an Appraisal Policy.
pub(crate) fn read_policy(path: &Path) -> Result<AppraisalPolicy, Failure> {
    let bytes = read_file(path, "Appraisal Policy", MAX_POLICY_BYTES as u64)?;
    let named = |failure: Failure| failure.context(format!("`{}`", path.display()));
    let text = String::from_utf8(bytes).map_err(|_| {
        named(Failure::of(
            ErrorClass::Malformed,
            "an Appraisal Policy is a text in UTF-8",
        ))
    })?;
    text.parse()
        .map_err(|error: adyton_appraisal::PolicyError| named(error.into()))
}

/// The policy has to accept the platform; whoever is to be told of the result is told either way.
fn accept(
    policy: &AppraisalPolicy,
    authentic: &AuthenticEvidence,
    context: &Context<'_>,
    issuer: Option<Issuer<'_>>,
    out: Out,
) -> Result<(), Failure> {
    let result = policy.report(authentic, context);
    if let Some(issuer) = issuer {
        issuer.issue(&result, out)?;
    }
    if result.affirms() {
        return Ok(());
    }
    let failed = result.failed.iter().map(ToString::to_string);
    let advice = "what to do: do not rely on this platform, or have it changed; change the policy only if you mean to accept it";
    Err(Failure::rejected(format!(
        "authentic, but not accepted by the policy {policy}"
    ))
    .with_details(failed.chain([advice.to_owned()])))
}

/// 64 bytes in hexadecimal, as an argument.
pub(super) fn report_data(text: &str) -> Result<ReportData, String> {
    hex_array(text)
        .map(ReportData::new)
        .map_err(|error| error.to_string())
}
