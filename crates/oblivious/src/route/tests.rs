use proptest::prelude::*;

use super::Route;
use crate::kernel::{Kernel, KernelKind, KernelSet, LANES, Line, Stores, Task};
use crate::memory::Lines;

impl Route {
    /// What is remembered.
    pub(crate) fn tape(&self) -> &[Line] {
        &self.tape
    }
}

/// Spreads a column, keeps what came out, and gathers again; or first gathers and then spreads.
struct There<'a> {
    places: &'a [u64],
    words: &'a [u64],
    column: Lines,
    distances: Lines,
    route: Route,
    gathers: bool,
}

impl<'a> There<'a> {
    fn new(
        places: &'a [u64],
        words: &'a [u64],
        lead: Option<usize>,
        stores: &Stores,
    ) -> Result<Self, TestCaseError> {
        let cells = words.len() / LANES;
        Ok(Self {
            places,
            words,
            column: Lines::new(stores.cells(cells))?,
            distances: Lines::new(stores.cells(cells))?,
            route: Route::new(cells, lead.unwrap_or(cells), stores)?,
            gathers: lead.is_none(),
        })
    }
}

impl Task for There<'_> {
    /// What came out, and then.
    type Out = [Vec<u64>; 2];

    #[inline(always)]
    fn run<K: Kernel>(mut self, k: K) -> Self::Out {
        let column = K::cells_mut(&mut self.column);
        let distances = K::cells_mut(&mut self.distances);
        for (word, from) in column.as_flattened_mut().iter_mut().zip(self.words) {
            k.set(word, *from);
        }
        for (i, place) in self.places.iter().enumerate() {
            let start = if self.gathers { *place } else { i as u64 };
            let start = usize::try_from(start).expect("small");
            let word = &mut distances.as_flattened_mut()[start];
            k.set(word, place - i as u64);
        }
        let words = |column: &[_]| column.iter().flatten().map(|word| k.word(word)).collect();
        if self.gathers {
            self.route.plan_gather(k, distances);
            self.route.pull(k, column);
            let gathered = words(column);
            self.route.push(k, column);
            [gathered, words(column)]
        } else {
            self.route.plan_spread(k, distances);
            self.route.push(k, column);
            let spread = words(column);
            self.route.pull(k, column);
            [spread, words(column)]
        }
    }
}

/// Ascending places below `2^size`, and the size.
fn places() -> impl Strategy<Value = (u32, Vec<u64>)> {
    (4_u32..=9).prop_flat_map(|size| {
        let places = proptest::collection::btree_set(0..1_u64 << size, 0..1 << (size - 1));
        (Just(size), places.prop_map(|set| set.into_iter().collect()))
    })
}

fn come_and_go(
    set: KernelSet,
    stores: &mut Stores,
    (len, places): (u64, &[u64]),
) -> Result<(), TestCaseError> {
    let lead = usize::try_from(len / 2)?.div_ceil(8).next_power_of_two();
    let start: Vec<u64> = (0..len).map(|i| i + 1000).collect();
    let there = There::new(places, &start, Some(lead), stores)?;
    let [spread, back] = set.run_on(stores, there);
    for (i, place) in places.iter().enumerate() {
        prop_assert_eq!(spread[usize::try_from(*place)?], start[i]);
        prop_assert_eq!(back[i], start[i]);
    }
    let there = There::new(places, &start, None, stores)?;
    let [gathered, back] = set.run_on(stores, there);
    for (i, place) in places.iter().enumerate() {
        let place = usize::try_from(*place)?;
        prop_assert_eq!(gathered[i], start[place]);
        prop_assert_eq!(back[place], start[place]);
    }
    Ok(())
}

proptest! {
    #[test]
    fn rows_come_to_their_places_and_back((size, places) in places(), from: u64) {
        for set in KernelKind::ALL.into_iter().filter_map(KernelSet::of) {
            for mut stores in [Stores::Plain, Stores::Fresh(from)] {
                come_and_go(set, &mut stores, (1 << size, &places))?;
            }
        }
    }
}
