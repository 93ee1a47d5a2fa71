use std::time::{Duration, Instant};

use crate::FetchError;

/// What is left of the time and of the requests for one piece of Evidence.
#[derive(Debug)]
pub(crate) struct Budget {
    began: Instant,
    whole: Duration,
    left: u32,
    requests: u32,
}

impl Budget {
    pub(crate) fn new(whole: Duration, requests: u32) -> Self {
        Self {
            began: now(),
            whole,
            left: requests,
            requests,
        }
    }

    /// One request more. Gives how long it may take.
    pub(crate) fn spend(&mut self, url: &str) -> Result<Duration, FetchError> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or_else(|| FetchError::Requests {
                url: url.to_owned(),
                most: self.requests,
            })?;
        let left = self.whole.saturating_sub(now().duration_since(self.began));
        match left.is_zero() {
            true => Err(self.late(url)),
            false => Ok(left),
        }
    }

    /// Whether a pause and something after it fit.
    pub(crate) fn allows(&self, pause: Duration, url: &str) -> Result<(), FetchError> {
        let spent = now().duration_since(self.began);
        match spent.saturating_add(pause) < self.whole {
            true => Ok(()),
            false => Err(self.late(url)),
        }
    }

    fn late(&self, url: &str) -> FetchError {
        FetchError::Late {
            url: url.to_owned(),
            secs: self.whole.as_secs(),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long fetching has taken; no verdict hangs on it"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_time_are_spent_once() {
        let hour = Duration::from_secs(3600);
        let mut budget = Budget::new(hour, 2);
        assert!(budget.spend("a").unwrap() <= hour);
        budget.spend("b").unwrap();
        let error = budget.spend("c").unwrap_err();
        assert!(matches!(error, FetchError::Requests { most: 2, .. }));
        assert!(budget.allows(hour / 2, "c").is_ok());
        let error = budget.allows(hour, "c").unwrap_err();
        assert!(matches!(error, FetchError::Late { secs: 3600, .. }));
        let error = Budget::new(Duration::ZERO, 2).spend("a").unwrap_err();
        assert!(matches!(error, FetchError::Late { secs: 0, .. }));
    }
}
