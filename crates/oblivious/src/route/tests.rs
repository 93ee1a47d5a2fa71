use proptest::prelude::*;

use super::Route;
use crate::kernel::{Kernel, KernelKind, KernelSet, Line, Task};

fn lines(words: &[u64]) -> Vec<Line> {
    words
        .chunks(8)
        .map(|chunk| std::array::from_fn(|i| chunk[i]))
        .collect()
}

struct Spread<'a> {
    places: &'a [u64],
    column: &'a mut [Line],
    lead: usize,
}

impl Task for Spread<'_> {
    type Out = Vec<u64>;

    /// Spreads, keeps what came out, and gathers again.
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) -> Vec<u64> {
        let mut distances = vec![0; self.column.len() * 8];
        for (i, place) in self.places.iter().enumerate() {
            distances[i] = place - i as u64;
        }
        let mut route = Route::new(self.column.len(), self.lead).expect("memory");
        route.plan_spread(k, &mut lines(&distances));
        route.push(k, self.column);
        let spread = self.column.as_flattened().to_vec();
        route.pull(k, self.column);
        spread
    }
}

struct Gather<'a> {
    places: &'a [u64],
    column: &'a mut [Line],
}

impl Task for Gather<'_> {
    type Out = Vec<u64>;

    #[inline(always)]
    fn run<K: Kernel>(self, k: K) -> Vec<u64> {
        let mut distances = vec![0; self.column.len() * 8];
        for (i, place) in self.places.iter().enumerate() {
            distances[usize::try_from(*place).expect("small")] = place - i as u64;
        }
        let mut route = Route::new(self.column.len(), self.column.len()).expect("memory");
        route.plan_gather(k, &mut lines(&distances));
        route.pull(k, self.column);
        let gathered = self.column.as_flattened().to_vec();
        route.push(k, self.column);
        gathered
    }
}

/// Ascending places below `2^size`, and the size.
fn places() -> impl Strategy<Value = (u32, Vec<u64>)> {
    (4_u32..=9).prop_flat_map(|size| {
        let places = proptest::collection::btree_set(0..1_u64 << size, 0..1 << (size - 1));
        (Just(size), places.prop_map(|set| set.into_iter().collect()))
    })
}

proptest! {
    #[test]
    fn rows_come_to_their_places_and_back((size, places) in places()) {
        let len = 1_usize << size;
        let lead = (len / 2).div_ceil(8).next_power_of_two();
        for set in KernelKind::ALL.into_iter().filter_map(KernelSet::of) {
            let start: Vec<u64> = (0..len as u64).map(|i| i + 1000).collect();
            let mut column = lines(&start);
            let spread = set.run(Spread { places: &places, column: &mut column, lead });
            for (i, place) in places.iter().enumerate() {
                prop_assert_eq!(spread[usize::try_from(*place)?], start[i]);
                prop_assert_eq!(column.as_flattened()[i], start[i]);
            }
            let mut column = lines(&start);
            let gathered = set.run(Gather { places: &places, column: &mut column });
            for (i, place) in places.iter().enumerate() {
                let place = usize::try_from(*place)?;
                prop_assert_eq!(gathered[i], start[place]);
                prop_assert_eq!(column.as_flattened()[place], start[place]);
            }
        }
    }
}
