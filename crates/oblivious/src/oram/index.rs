use super::tree::Edit;
use crate::kernel::{Cell, Choice, Kernel, LANES};

/// Lines of an index block: names, then their records' leaves plus one, or zero for no record.
pub(super) const INDEX_LINES: usize = 4;
/// Records that an index block names.
pub(super) const ENTRIES: usize = INDEX_LINES / 2 * LANES;
/// Records in a block on average, when the map is full, as a power of two. That one has more than
/// [`ENTRIES`] is a matter of one in a million.
pub(super) const LOAD_BITS: u32 = 2;

/// What happens to a record's entry. All of it is secret, but for the number of lines.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) name: u64,
    /// The record's leaf from now on.
    pub(super) next: u64,
    /// Whether the record has to be here afterwards, if it was found.
    pub(super) stays: Choice,
    /// Whether it has to be put in, if it was not.
    pub(super) inserts: Choice,
}

/// What was found.
#[derive(Clone, Copy)]
pub(super) struct Located {
    pub(super) found: Choice,
    /// The record's leaf plus one.
    pub(super) leaf: u64,
    /// Whether it was put in.
    pub(super) inserted: Choice,
}

impl Edit<INDEX_LINES> for Entry {
    type Out = Located;

    #[inline(always)]
    fn edit<K: Kernel>(
        self,
        k: K,
        _: Choice,
        block: &mut [Cell<K>; INDEX_LINES],
    ) -> (Choice, Located) {
        let (names, leaves) = block.split_at_mut(INDEX_LINES / 2);
        (Choice::from_bit(1), self.apply(k, names, leaves))
    }
}

impl Entry {
    /// Finds, changes, removes or inserts the entry in a list.
    #[inline(always)]
    pub(super) fn apply<K: Kernel>(
        self,
        k: K,
        names: &mut [Cell<K>],
        leaves: &mut [Cell<K>],
    ) -> Located {
        let name = k.splat(self.name);
        let (mut leaf, zero) = (k.splat(0), k.splat(0));
        for (names, leaves) in names.iter().zip(leaves.iter()) {
            let here = k.select(k.eq(k.read(names), name), k.read(leaves), zero);
            leaf = k.or(leaf, here);
        }
        let mut folded = [K::Word::default(); LANES];
        k.write(
            &mut folded,
            k.fold([leaf, zero, zero, zero, zero, zero, zero, zero]),
        );
        let leaf = k.word(&folded[0]);
        let found = Choice::eq(leaf, 0).not();
        let put = found.not().and(self.inserts);
        let next = self.next + 1;
        let changed = self.stays.select(next, 0);
        let mut open = put;
        let names = names.as_flattened_mut().iter_mut();
        for (name, entry) in names.zip(leaves.as_flattened_mut()) {
            let (own, leaf) = (k.word(name), k.word(entry));
            let is_free = Choice::eq(leaf, 0);
            let is_it = is_free.not().and(Choice::eq(own, self.name));
            let takes = open.and(is_free);
            open = open.and(takes.not());
            k.set(name, takes.select(self.name, own));
            k.set(entry, takes.select(next, is_it.select(changed, leaf)));
        }
        Located {
            found,
            leaf,
            inserted: put.and(open.not()),
        }
    }
}
