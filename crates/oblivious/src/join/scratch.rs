use super::class::BatchClass;
use crate::error::ObliviousError;
use crate::kernel::{LANES, Stores};
use crate::memory::Lines;
use crate::route::Route;
use crate::sort::Sorter;

/// Memory of a batch. Its size depends on class and shape only.
#[derive(Debug)]
pub(super) struct Scratch {
    /// Tags, sorted.
    pub(super) keys: Lines,
    pub(super) sorter: Sorter,
    /// Ones where a tag is the same as the one before it.
    pub(super) same: Lines,
    /// Places of buckets, then places of stashes.
    pub(super) tiers: [Tier; 2],
    /// What was found, a column for each word: in sorted order, then in the order of the queries.
    pub(super) found: Vec<Lines>,
}

/// One kind of place.
#[derive(Debug)]
pub(super) struct Tier {
    /// Ones where a sorted tag gets a place of this kind.
    pub(super) member: Lines,
    /// From sorted tags to members side by side.
    pub(super) gather: Route,
    /// From there to places.
    pub(super) spread: Route,
    /// Tags at their places.
    pub(super) places: Lines,
    /// What was found for each place, a column for each word.
    pub(super) found: Vec<Lines>,
    /// Distances, first for one route, then for the other.
    pub(super) distances: Lines,
    /// Columns on the way.
    pub(super) tags: Lines,
    pub(super) steps: Lines,
}

impl Scratch {
    pub(super) fn new(
        class: BatchClass,
        payload: usize,
        stores: &Stores,
    ) -> Result<Self, ObliviousError> {
        let cells = class.queries() / LANES;
        let tier = |places| Tier::new(cells, places, payload, stores);
        Ok(Self {
            keys: Lines::new(stores.cells(cells))?,
            sorter: Sorter::new(cells, stores)?,
            same: Lines::new(stores.cells(cells))?,
            tiers: [
                tier(class.places() / LANES)?,
                tier(class.stash_places() / LANES)?,
            ],
            found: columns(payload, stores.cells(cells))?,
        })
    }

    /// Bytes that it takes with plain stores.
    pub(super) const fn memory_bytes(class: BatchClass, payload: usize) -> usize {
        let (queries, steps) = (class.queries(), class.queries().ilog2() as usize);
        let places = class.places() + class.stash_places();
        // Words of columns, then bits of the networks' tapes.
        let words = queries * (8 + payload) + places * (2 + payload);
        let tape = queries / 8 * (steps * (steps + 1) / 2 + 2 * steps) + places / 8 * (steps + 4);
        words * 8 + tape
    }
}

impl Tier {
    /// For so many cells of tags, and of places.
    fn new(
        cells: usize,
        places: usize,
        payload: usize,
        stores: &Stores,
    ) -> Result<Self, ObliviousError> {
        let column = |cells| Lines::new(stores.cells(cells));
        Ok(Self {
            member: column(cells)?,
            gather: Route::new(cells, cells, stores)?,
            spread: Route::new(places, cells.min(places), stores)?,
            places: column(places)?,
            found: columns(payload, stores.cells(places))?,
            distances: column(places.max(cells))?,
            tags: column(cells)?,
            steps: column(cells)?,
        })
    }
}

fn columns(count: usize, lines: usize) -> Result<Vec<Lines>, ObliviousError> {
    (0..count).map(|_| Lines::new(lines)).collect()
}
