use proptest::prelude::*;

use super::Sorter;
use crate::kernel::{Kernel, KernelKind, KernelSet, Line, Task};

struct Sort<'a> {
    keys: &'a mut [Line],
    other: &'a mut [Line],
}

impl Task for Sort<'_> {
    type Out = ();

    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        let mut sorter = Sorter::new(self.keys.len()).expect("memory");
        sorter.sort(k, self.keys);
        self.other.copy_from_slice(self.keys);
        sorter.undo(k, self.other);
    }
}

proptest! {
    #[test]
    fn every_kernel_sorts_and_undoes(size in 0_u32..8, seed: Vec<u64>) {
        let words: Vec<u64> = seed.iter().copied().chain([u64::MAX, 3, 3, 0]).cycle().take(8 << size).collect();
        let (lines, _) = words.as_chunks::<8>();
        let mut sorted = words.clone();
        sorted.sort_unstable();
        for set in KernelKind::ALL.into_iter().filter_map(KernelSet::of) {
            let (mut keys, mut back) = (lines.to_vec(), lines.to_vec());
            set.run(Sort { keys: &mut keys, other: &mut back });
            prop_assert_eq!(keys.as_flattened(), &sorted);
            prop_assert_eq!(back.as_flattened(), &words);
        }
    }
}
