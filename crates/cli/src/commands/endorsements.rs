use std::path::PathBuf;

use adyton_client::now;
use adyton_types::UnixTime;
use serde_json::json;

use crate::commands::verify::{Collected, TrustArgs, read_evidence};
use crate::fetching::{self, PRIVACY, SourceArgs};
use crate::{Failure, Out, printable};

const FETCH_EXAMPLES: &str = "\
Examples:
  adyton endorsements fetch report.bin --to endorsements/
  adyton endorsements fetch quote.bin --to endorsements/ --pccs https://localhost:8081 --tls-ca pccs.pem
  adyton verify quote.bin --endorsements endorsements/     on any machine, without a network

What is in the directory and still good is not asked for again; a bad answer never replaces a good file.";

const SHOW_EXAMPLES: &str = "\
Example:
  adyton endorsements show endorsements/      what is in it, until when, and what was refused";

/// What can be done with Endorsements.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Fetch what Evidence needs into a directory, for use without a network
    #[command(after_help = FETCH_EXAMPLES, after_long_help = format!("{FETCH_EXAMPLES}\n\n{PRIVACY}"))]
    Fetch(FetchArgs),
    /// Show what a directory of Endorsements holds, and until when it is good
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
}

/// Fetches Endorsements.
#[derive(Debug, clap::Args)]
pub(crate) struct FetchArgs {
    /// The Evidence, in any form that `adyton verify` takes
    evidence: PathBuf,
    /// The directory to keep them in; it is made if it is missing
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    #[command(flatten)]
    sources: SourceArgs,
    #[command(flatten)]
    trust: TrustArgs,
}

/// Shows Endorsements.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// A directory of Endorsements, or a file
    #[arg(required = true)]
    endorsements: Vec<PathBuf>,
    /// As of this time, not of now
    #[arg(long, value_name = "TIME")]
    at: Option<UnixTime>,
    #[command(flatten)]
    trust: TrustArgs,
}

pub(crate) fn run(command: &Command, out: Out) -> Result<(), Failure> {
    match command {
        Command::Fetch(args) => fetch(args, out),
        Command::Show(args) => show(args, out),
    }
}

fn fetch(args: &FetchArgs, out: Out) -> Result<(), Failure> {
    let found = read_evidence(&args.evidence)?;
    let mut collected = Collected::read(&[], out)?;
    collected.add_beside(&found.beside);
    let (trust, dangers) = args.trust.trust()?;
    let judge = (&trust, now());
    let at_hand = collected.material();
    let fetched = args
        .sources
        .fetch(&found.evidence, at_hand, &args.to, judge, out)?;
    if let Some(failure) = fetching::failure(&fetched) {
        return Err(failure.context(format!("`{}`", args.evidence.display())));
    }
    let mut lines: Vec<String> = dangers
        .iter()
        .map(|line| format!("DANGER    {line}"))
        .collect();
    lines.extend(fetching::lines(&fetched));
    if fetched.items().is_empty() {
        lines.push("this Evidence needs no Endorsements".to_owned());
    }
    out.result(
        &printable::lines(&lines),
        &json!({
            "directory": args.to,
            "dangers": dangers,
            "endorsements": fetching::document(&fetched),
        }),
    )
}

fn show(args: &ShowArgs, out: Out) -> Result<(), Failure> {
    let at = args.at.unwrap_or_else(now);
    let collected = Collected::read(&args.endorsements, out)?;
    let (trust, dangers) = args.trust.trust()?;
    let endorsements = collected.endorse(&trust, at);
    let held = endorsements.held();
    let mut lines: Vec<String> = dangers
        .iter()
        .map(|line| format!("DANGER   {line}"))
        .collect();
    lines.extend(held.iter().map(|held| {
        format!(
            "good     {}: {}, until {}",
            held.kind, held.what, held.not_after
        )
    }));
    let refused = endorsements.refused().iter();
    lines.extend(refused.map(|(scope, why)| format!("refused  for {scope:?}: {why}")));
    if held.is_empty() {
        lines.push(format!("nothing here is good for any Evidence at {at}"));
    }
    let held = held.iter().map(|held| {
        json!({
            "kind": held.kind.as_str(),
            "what": held.what,
            "from": held.not_before.to_string(),
            "until": held.not_after.to_string(),
        })
    });
    let refused = endorsements.refused().iter();
    let refused = refused.map(|(scope, why)| {
        json!({ "for": format!("{scope:?}"), "check": why.check(), "why": why.to_string() })
    });
    out.result(
        &printable::lines(&lines),
        &json!({
            "at": at.to_string(),
            "dangers": dangers,
            "good": held.collect::<Vec<_>>(),
            "refused": refused.collect::<Vec<_>>(),
        }),
    )
}
