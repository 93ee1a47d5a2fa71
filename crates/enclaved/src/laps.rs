use std::time::Instant;

use adyton_hatch::Timings;

/// Microseconds of each step, for people and benchmarks. Nothing is decided by them.
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
    pub(crate) fn lap(&mut self, step: &str) {
        let now = Instant::now();
        let micros = now.duration_since(self.last).as_micros();
        self.done.push((
            format!("enclave: {step}"),
            u64::try_from(micros).unwrap_or(u64::MAX),
        ));
        self.last = now;
    }

    pub(crate) fn finish(self) -> Timings {
        Timings(self.done)
    }
}
