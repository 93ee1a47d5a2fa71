use proptest::prelude::*;

use super::Sorter;
use crate::kernel::{Kernel, KernelKind, KernelSet, LANES, Line, Stores, Task};
use crate::memory::Lines;

impl Sorter {
    /// What is remembered.
    pub(crate) fn tape(&self) -> &[Line] {
        &self.tape
    }
}

struct Sort<'a> {
    words: &'a [u64],
    column: Lines,
    sorter: Sorter,
}

impl Task for Sort<'_> {
    /// Sorted, and as before.
    type Out = [Vec<u64>; 2];

    #[inline(always)]
    fn run<K: Kernel>(mut self, k: K) -> Self::Out {
        let column = K::cells_mut(&mut self.column);
        for (word, from) in column.as_flattened_mut().iter_mut().zip(self.words) {
            k.set(word, *from);
        }
        let words = |column: &[_]| column.iter().flatten().map(|word| k.word(word)).collect();
        self.sorter.sort(k, column);
        let sorted = words(column);
        self.sorter.undo(k, column);
        [sorted, words(column)]
    }
}

proptest! {
    #[test]
    fn every_kernel_sorts_and_undoes(size in 0_u32..8, seed: Vec<u64>, from: u64) {
        let words: Vec<u64> = seed.iter().copied().chain([u64::MAX, 3, 3, 0]).cycle().take(8 << size).collect();
        let mut sorted = words.clone();
        sorted.sort_unstable();
        for set in KernelKind::ALL.into_iter().filter_map(KernelSet::of) {
            for mut stores in [Stores::Plain, Stores::Fresh(from)] {
                let cells = words.len() / LANES;
                let task = Sort {
                    words: &words,
                    column: Lines::new(stores.cells(cells))?,
                    sorter: Sorter::new(cells, &stores)?,
                };
                let [out, back] = set.run_on(&mut stores, task);
                prop_assert_eq!(&out, &sorted);
                prop_assert_eq!(&back, &words);
            }
        }
    }
}
