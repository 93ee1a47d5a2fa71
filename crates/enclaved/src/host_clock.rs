use std::thread;
use std::time::{Duration, Instant, SystemTime};

use adyton_sandbox::HostClock;

/// The host's clocks, for programs whose manifest has `clock = "host"`.
pub(crate) struct Clocks {
    begun: Instant,
}

impl Clocks {
    #[expect(
        clippy::disallowed_methods,
        reason = "the manifest asks for the host's clock"
    )]
    pub(crate) fn new() -> Self {
        Self {
            begun: Instant::now(),
        }
    }
}

impl HostClock for Clocks {
    #[expect(
        clippy::disallowed_methods,
        reason = "the manifest asks for the host's clock"
    )]
    fn wall(&self) -> Duration {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
    }

    fn monotonic(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn sleep(&self, time: Duration) {
        thread::sleep(time);
    }
}
