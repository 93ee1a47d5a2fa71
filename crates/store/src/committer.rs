use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::{StoreError, Tx};

/// The most transactions that share one commit: bounds how long the first of them waits.
const MAX_BATCH: usize = 256;

/// Gathers the transactions of concurrent callers into batches.
///
/// There is no thread of its own: a caller who finds nobody at work commits for all who wait, so
/// that a lone caller pays for no hand-over between threads.
#[derive(Default)]
pub(crate) struct Committer {
    state: Mutex<State>,
    changed: Condvar,
}

impl std::fmt::Debug for Committer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Committer")
    }
}

#[derive(Default)]
struct State {
    waiting: Vec<Box<dyn Job>>,
    busy: bool,
}

/// A caller's transaction without its types.
pub(crate) trait Job: Send {
    /// Runs the closure; says whether its changes shall be kept.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;

    /// Hands the caller its result, now that the batch is durable, or the reason why it is not.
    fn finish(self: Box<Self>, outcome: Result<(), StoreError>);
}

struct Typed<F, R, E> {
    closure: Option<F>,
    result: Option<Result<R, E>>,
    answer: Arc<Mutex<Option<Result<R, E>>>>,
}

impl<F, R, E> Job for Typed<F, R, E>
where
    F: FnOnce(&mut Tx<'_>) -> Result<R, E> + Send,
    R: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        // A panic in one caller's closure is that caller's alone.
        let run = || self.closure.take().map(|closure| closure(tx));
        self.result = catch_unwind(AssertUnwindSafe(run))
            .unwrap_or_else(|_| Some(Err(StoreError::Panicked.into())));
        matches!(self.result, Some(Ok(_)))
    }

    fn finish(self: Box<Self>, outcome: Result<(), StoreError>) {
        let result = match outcome {
            Ok(()) => self.result,
            Err(error) => Some(Err(error.into())),
        };
        *lock(&self.answer) = result;
    }
}

impl Committer {
    /// Has a closure run in a batch, and returns its result once the batch is durable. `commit`
    /// makes a batch durable; whoever comes first calls its own for all.
    pub(crate) fn run<F, R, E>(
        &self,
        closure: F,
        commit: impl Fn(&mut [Box<dyn Job>]) -> Result<(), StoreError>,
    ) -> Result<R, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let answer = Arc::new(Mutex::new(None));
        let mut state = lock(&self.state);
        state.waiting.push(Box::new(Typed {
            closure: Some(closure),
            result: None,
            answer: Arc::clone(&answer),
        }));
        loop {
            if let Some(result) = lock(&answer).take() {
                return result;
            }
            if state.busy {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.busy = true;
            let count = state.waiting.len().min(MAX_BATCH);
            let batch: Vec<_> = state.waiting.drain(..count).collect();
            drop(state);
            work(batch, &commit);
            state = lock(&self.state);
            state.busy = false;
            self.changed.notify_all();
        }
    }
}

fn work(
    mut batch: Vec<Box<dyn Job>>,
    commit: &impl Fn(&mut [Box<dyn Job>]) -> Result<(), StoreError>,
) {
    // redb panics on some files that somebody has altered while they were open.
    let outcome = catch_unwind(AssertUnwindSafe(|| commit(&mut batch)))
        .unwrap_or_else(|_| Err(StoreError::corrupt("the file's structure is broken")));
    for job in batch {
        let outcome = match &outcome {
            Ok(()) => Ok(()),
            Err(error) => Err(error.again()),
        };
        job.finish(outcome);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
