use adyton_crypto::CryptoRng;

use super::fresh::Freshly;
use super::set::KernelSet;
use super::vector::Task;

/// How words that depend on secrets are stored. Public, and the same for as long as there are such
/// words.
#[derive(Debug)]
pub(crate) enum Stores {
    /// As they are.
    Plain,
    /// Beside a number that no other store has; here is the last one.
    Fresh(u64),
}

impl Stores {
    /// Numbered from a random number on: memory that another one's words were in before holds
    /// nothing that comes again here, but by a chance of less than one in 2^64 for two stores.
    pub(crate) fn fresh(rng: &mut impl CryptoRng) -> Self {
        Self::Fresh(rng.next_u64())
    }

    /// Lines that so many cells take.
    pub(crate) const fn cells(&self, count: usize) -> usize {
        match self {
            Self::Plain => count,
            Self::Fresh(_) => count * 2,
        }
    }

    /// Lines that so many marks take.
    pub(crate) const fn marks(&self, count: usize) -> usize {
        match self {
            Self::Plain => count.div_ceil(64),
            Self::Fresh(_) => count.div_ceil(8),
        }
    }

    /// A word of a column, which is what [`super::Kernel::word`] reads.
    pub(crate) fn word(&self, words: &[u64], at: usize) -> u64 {
        words[self.cells(at)]
    }

    /// The same for another worker, who writes elsewhere.
    pub(crate) const fn share(&self) -> Self {
        match *self {
            Self::Plain => Self::Plain,
            Self::Fresh(last) => Self::Fresh(last),
        }
    }

    /// Leaves out more numbers than workers have used, each from [`Self::share`] on.
    pub(crate) const fn skip(&mut self) {
        if let Self::Fresh(last) = self {
            *last = last.wrapping_add(1 << 32);
        }
    }
}

impl KernelSet {
    /// Runs a task that keeps words so.
    #[inline]
    pub(crate) fn run_on<T: Task>(self, stores: &mut Stores, task: T) -> T::Out {
        match stores {
            Stores::Plain => self.run(task),
            Stores::Fresh(stores) => self.run(Freshly { task, stores }),
        }
    }
}
