use std::path::{Path, PathBuf};
use std::time::Duration;

use adyton_endorse::{
    BaseUrl, Cache, Channel, FetchError, Fetched, Fetcher, Item, Limits, Outcome, Sources, TlsRoots,
};
use adyton_types::{ErrorClass, Evidence, UnixTime};
use adyton_verifier::material::{Material, Trust};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::failure::failure_from;
use crate::{Failure, Out};

/// Where Endorsements are fetched from.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Where to fetch from")]
pub(crate) struct SourceArgs {
    /// A caching service of Intel's design (PCCS), in place of Intel's own
    #[arg(long, value_name = "URL", value_parser = base_url)]
    pccs: Option<BaseUrl>,
    /// A mirror of AMD's Key Distribution Service
    #[arg(long, value_name = "URL", value_parser = base_url)]
    kds: Option<BaseUrl>,
    /// A mirror of NVIDIA's service of manifests
    #[arg(long, value_name = "URL", value_parser = base_url)]
    nvidia_rim: Option<BaseUrl>,
    /// An OCSP responder in place of NVIDIA's
    #[arg(long, value_name = "URL", value_parser = base_url)]
    nvidia_ocsp: Option<BaseUrl>,
    /// Which of Intel's two sets of TCB info to ask for [default: standard]
    #[arg(long, value_name = "CHANNEL")]
    tcb_update: Option<TcbUpdate>,
    /// Certificates that HTTPS is verified with, in PEM, in place of this machine's own
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// How often one thing is asked for before it is given up
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().tries, value_parser = clap::value_parser!(u32).range(1..=20))]
    tries: u32,
    /// How long all that one piece of Evidence needs may take together
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().whole.as_secs(), value_parser = clap::value_parser!(u64).range(1..=86_400))]
    fetch_secs: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TcbUpdate {
    /// What platforms have had a year to catch up with
    Standard,
    /// The newest
    Early,
}

/// What `--help` says of every command that fetches.
pub(crate) const PRIVACY: &str = "\
Fetching tells the vendor which machine's Evidence is being verified: AMD is told the chip's id,
Intel the kind of platform, NVIDIA versions and certificates. A mirror or PCCS of your own, or a
directory that was fetched before, tells the vendor nothing more.";

failure_from!(FetchError);

fn base_url(text: &str) -> Result<BaseUrl, String> {
    text.parse().map_err(|error: FetchError| error.to_string())
}

impl SourceArgs {
    /// Whether anything was said about where to fetch from.
    pub(crate) const fn is_given(&self) -> bool {
        self.pccs.is_some()
            || self.kds.is_some()
            || self.nvidia_rim.is_some()
            || self.nvidia_ocsp.is_some()
            || self.tcb_update.is_some()
            || self.tls_ca.is_some()
    }

    fn sources(&self) -> Sources {
        let known = Sources::default();
        Sources {
            kds: self.kds.clone().unwrap_or(known.kds),
            pccs: self.pccs.clone(),
            channel: match self.tcb_update {
                Some(TcbUpdate::Early) => Channel::Early,
                Some(TcbUpdate::Standard) | None => Channel::Standard,
            },
            rim: self.nvidia_rim.clone().unwrap_or(known.rim),
            ocsp: self.nvidia_ocsp.clone().unwrap_or(known.ocsp),
        }
    }

    /// Gets what the Evidence needs into a directory.
    pub(crate) fn fetch(
        &self,
        evidence: &Evidence,
        at_hand: Material,
        directory: &Path,
        (trust, at): (&Trust, UnixTime),
        out: Out,
    ) -> Result<Fetched, Failure> {
        let roots = self
            .tls_ca
            .clone()
            .map_or(TlsRoots::Platform, TlsRoots::File);
        let limits = Limits {
            tries: self.tries,
            whole: Duration::from_secs(self.fetch_secs),
            ..Limits::default()
        };
        let fetcher = Fetcher::new(self.sources(), &roots, limits)?;
        let cache = Cache::open(directory)?;
        let bar = out.spinner();
        bar.set_message("fetching Endorsements");
        let fetched = fetcher.fetch(evidence, at_hand, &cache, trust, at);
        bar.finish_and_clear();
        Ok(fetched?)
    }
}

/// A line for each Endorsement.
pub(crate) fn lines(fetched: &Fetched) -> Vec<String> {
    fetched.items().iter().map(line).collect()
}

fn line(item: &Item) -> String {
    let what = &item.what;
    match &item.outcome {
        Outcome::AtHand => format!("at hand   {what}"),
        Outcome::Kept { until } => format!("kept      {what}, until {until}"),
        Outcome::Fetched { until } => format!("fetched   {what}, until {until}"),
        Outcome::Unserved => format!("unserved  {what}: hand it in"),
        Outcome::Failed(error) => format!("failed    {what}: {}", whole(error)),
        _ => what.clone(),
    }
}

/// An error with what is below it.
fn whole(error: &FetchError) -> String {
    use std::error::Error as _;
    match error.source() {
        Some(cause) => format!("{error} ({cause})"),
        None => error.to_string(),
    }
}

/// What was asked for in vain, as a failure; none if there is nothing of the kind. `None` of what is
/// needed being served counts as that, too.
pub(crate) fn failure(fetched: &Fetched) -> Option<Failure> {
    let failed = fetched.failed();
    let class = match failed.first() {
        Some((_, error)) => error.class(),
        None if nobody_serves(fetched) => ErrorClass::Unavailable,
        None => return None,
    };
    let message = match failed.len() {
        0 => "nobody serves what this Evidence needs".to_owned(),
        count => format!(
            "{count} of {} Endorsements were not to be had",
            fetched.items().len()
        ),
    };
    Some(Failure::of(class, message).with_details(lines(fetched)))
}

fn nobody_serves(fetched: &Fetched) -> bool {
    let mut items = fetched.items().iter().peekable();
    items.peek().is_some() && items.all(|item| matches!(item.outcome, Outcome::Unserved))
}

/// The same as JSON.
pub(crate) fn document(fetched: &Fetched) -> Value {
    let one = |item: &Item| {
        let (outcome, until, error) = match &item.outcome {
            Outcome::AtHand => ("at-hand", None, None),
            Outcome::Kept { until } => ("kept", Some(until), None),
            Outcome::Fetched { until } => ("fetched", Some(until), None),
            Outcome::Unserved => ("unserved", None, None),
            Outcome::Failed(error) => ("failed", None, Some(whole(error))),
            _ => ("unknown", None, None),
        };
        json!({
            "what": item.what,
            "outcome": outcome,
            "until": until.map(ToString::to_string),
            "url": item.url,
            "files": item.files,
            "error": error,
        })
    };
    fetched.items().iter().map(one).collect()
}
