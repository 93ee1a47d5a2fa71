use std::time::{Duration, Instant};

use adyton_hatch::Timings;
use adyton_types::UnixTime;

/// How long each step took, for people and benchmarks. Nothing is decided by it but whether the
/// program kept to its time.
pub(crate) struct Laps {
    last: Instant,
    done: Vec<(String, u64)>,
}

impl Laps {
    #[expect(clippy::disallowed_methods, reason = "a shell: it reads the clock")]
    pub(crate) fn start() -> Self {
        Self {
            last: Instant::now(),
            done: Vec::new(),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a shell: it reads the clock")]
    pub(crate) fn lap(&mut self, step: &str) -> Duration {
        let now = Instant::now();
        let took = now.duration_since(self.last);
        self.done.push((
            format!("enclave: {step}"),
            u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        ));
        self.last = now;
        took
    }

    /// What the host's clock shows now, if it showed `begun` when this run did.
    pub(crate) fn after(&self, begun: UnixTime) -> UnixTime {
        let took = self
            .done
            .iter()
            .fold(0, |sum: u64, (_, micros)| sum.saturating_add(*micros));
        begun.plus_secs(took / 1_000_000)
    }

    pub(crate) fn finish(self) -> Timings {
        Timings(self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_as_long_after_its_beginning_as_it_took() {
        let mut laps = Laps::start();
        assert_eq!(laps.after(UnixTime::from_secs(7)), UnixTime::from_secs(7));
        laps.done.push(("make keys".to_owned(), 1_900_000));
        laps.done.push(("run".to_owned(), 3_600_100_000));
        assert_eq!(
            laps.after(UnixTime::from_secs(7)),
            UnixTime::from_secs(3609)
        );
    }
}
