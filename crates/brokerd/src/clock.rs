use std::time::{SystemTime, UNIX_EPOCH};

use adyton_types::UnixTime;

/// Where a broker gets the time from: on its answer rests until when a token or a release document
/// is good.
pub trait Clock: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> UnixTime;
}

/// The operating system's clock. Whoever runs the broker sets it: the data owner.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    fn now(&self) -> UnixTime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        UnixTime::from_secs(since.map_or(0, |since| since.as_secs()))
    }
}
