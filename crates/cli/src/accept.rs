use std::path::PathBuf;

use adyton_appraisal::{Judging, PlatformPolicy};
use adyton_types::UnixTime;

use crate::commands::verify::{Collected, TrustArgs, read_policy};
use crate::platform::PlatformArgs;
use crate::{Failure, Out};

/// Which platforms are accepted, and what their Evidence is judged by.
#[derive(Debug, clap::Args)]
pub(crate) struct AcceptArgs {
    #[command(flatten)]
    platform: PlatformArgs,
    /// An Appraisal Policy that the platform may satisfy instead: for Evidence of hardware
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A directory or file of Endorsements, by which Evidence of hardware is judged; may be repeated
    #[arg(long, value_name = "DIR")]
    endorsements: Vec<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
}

/// The same, read.
pub(crate) struct Accepted {
    /// Platforms, of which one has to be it.
    pub(crate) platforms: Vec<PlatformPolicy>,
    /// What Evidence is judged by.
    pub(crate) judging: Judging,
    /// What of that is no vendor's: lines that every output has to show.
    pub(crate) dangers: Vec<String>,
}

impl AcceptArgs {
    /// Reads what the arguments name. What ends before `at` does not count.
    pub(crate) fn read(&self, at: UnixTime, out: Out) -> Result<Accepted, Failure> {
        let (trust, dangers) = self.trust.trust()?;
        let judging = Collected::read(&self.endorsements, out)?.judging(&trust, at);
        let mut platforms: Vec<_> = self.platform.policy()?.into_iter().collect();
        if let Some(policy) = &self.policy {
            platforms.extend_from_slice(read_policy(policy)?.platforms());
        }
        if platforms.is_empty() {
            platforms.push(self.platform.required()?);
        }
        Ok(Accepted {
            platforms,
            judging,
            dangers,
        })
    }
}
