use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Who shares the work of a pass over the table. How many there are is public.
pub trait Workers: Sync {
    /// How many there are.
    fn count(&self) -> NonZeroUsize;

    /// Calls `task` once with each number below [`Self::count`], and returns when all calls have.
    fn run(&self, task: &(dyn Fn(usize) + Sync));
}

/// The calling thread and nobody else.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alone;

impl Workers for Alone {
    fn count(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn run(&self, task: &(dyn Fn(usize) + Sync)) {
        task(0);
    }
}

/// Threads of the standard library, started for each pass. Their stacks are ordinary memory: an
/// enclave that keeps stacks in protected pages brings [`Workers`] of its own.
#[derive(Debug, Clone, Copy)]
pub struct Threads(pub NonZeroUsize);

impl Workers for Threads {
    fn count(&self) -> NonZeroUsize {
        self.0
    }

    fn run(&self, task: &(dyn Fn(usize) + Sync)) {
        thread::scope(|scope| {
            for n in 1..self.0.get() {
                scope.spawn(move || task(n));
            }
            task(0);
        });
    }
}

/// Hands each worker one piece; there are at most as many pieces as workers.
pub(crate) fn share<P: Send>(workers: &dyn Workers, pieces: Vec<P>, work: impl Fn(P) + Sync) {
    let pieces: Vec<Mutex<Option<P>>> = pieces.into_iter().map(|p| Mutex::new(Some(p))).collect();
    workers.run(&|n| {
        let piece = pieces.get(n).and_then(|piece| {
            let mut piece = piece.lock().unwrap_or_else(PoisonError::into_inner);
            piece.take()
        });
        if let Some(piece) = piece {
            work(piece);
        }
    });
}
