use std::time::{Duration, Instant};

use adyton_hatch::Timings;

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

    pub(crate) fn finish(self) -> Timings {
        Timings(self.done)
    }
}
