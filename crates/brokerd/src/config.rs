use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use adyton_transport::ServerLimits;
use adyton_verifier::material::Trust;

use crate::steps::Unwatched;
use crate::{Clock, Steps, SystemClock};

/// What a daemon is told at its start.
#[derive(Clone)]
pub struct Config {
    /// The broker's directory, as [`init`](crate::init) made it.
    pub directory: PathBuf,
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// A directory of Endorsements and signed lists of Reference Values, by which Evidence of
    /// hardware is judged. Without one, only Evidence that needs none is accepted.
    pub endorsements: Option<PathBuf>,
    /// The roots that Endorsements must end at.
    pub trust: Trust,
    /// What strangers are granted.
    pub limits: ServerLimits,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Who watches the steps of a release.
    pub steps: Arc<dyn Steps>,
}

impl Config {
    /// With the system's clock and the usual limits.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>, listen: SocketAddr) -> Self {
        Self {
            directory: directory.into(),
            listen,
            endorsements: None,
            trust: Trust::vendors(),
            limits: ServerLimits::default(),
            clock: Arc::new(SystemClock),
            steps: Arc::new(Unwatched),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Config({}, {})", self.directory.display(), self.listen)
    }
}
