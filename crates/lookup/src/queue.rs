use std::collections::VecDeque;
use std::time::Duration;

use adyton_crypto::SecretBytes;
use adyton_oblivious::BatchClass;

use crate::class::QueryClass;
use crate::error::LookupError;
use crate::session::AnswerSeal;

/// Keys of the largest batch.
const BATCH_KEYS: usize = BatchClass::MAX.queries();

/// Keys that may wait: four batches. Whoever comes after them would wait too long.
const MAX_WAITING: usize = 4 * BATCH_KEYS;

/// A query that waits for its batch.
pub(crate) struct Waiting {
    /// What the shell knows it by.
    pub(crate) ticket: u64,
    pub(crate) class: QueryClass,
    /// The message, and where in it the keys begin.
    pub(crate) message: SecretBytes,
    pub(crate) keys_at: usize,
    pub(crate) seal: AnswerSeal,
    pub(crate) since: Duration,
}

/// Queries in the order in which they came.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: VecDeque<Waiting>,
    keys: usize,
}

impl Queue {
    /// Whether there is room for one more query.
    pub(crate) const fn admit(&self, class: QueryClass) -> Result<(), LookupError> {
        if self.keys + class.keys() > MAX_WAITING {
            return Err(LookupError::Busy);
        }
        Ok(())
    }

    pub(crate) fn push(&mut self, query: Waiting) {
        self.keys += query.class.keys();
        self.waiting.push_back(query);
    }

    /// Whether a batch is full, or more than that waits.
    pub(crate) const fn is_full(&self) -> bool {
        self.keys >= BATCH_KEYS
    }

    /// When the batch has to be run that the oldest query waits for, if there is one: at once if
    /// it is full.
    pub(crate) fn due(&self, window: Duration) -> Option<Duration> {
        let oldest = self.waiting.front()?.since;
        Some(if self.is_full() {
            oldest
        } else {
            oldest.saturating_add(window)
        })
    }

    /// The queries of the next batch: as many as fit, in their order.
    pub(crate) fn take(&mut self) -> Vec<Waiting> {
        let (mut taken, mut keys) = (Vec::new(), 0);
        while let Some(next) = self.waiting.front()
            && keys + next.class.keys() <= BATCH_KEYS
        {
            keys += next.class.keys();
            taken.extend(self.waiting.pop_front());
        }
        self.keys -= keys;
        taken
    }
}
