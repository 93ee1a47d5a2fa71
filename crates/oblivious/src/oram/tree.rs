use crate::error::ObliviousError;
use crate::kernel::{Cell, Choice, Kernel, LANES, Line, Stores, prefetch};
use crate::memory::Lines;

/// Blocks of a bucket.
pub(super) const BUCKET: usize = 2;
/// Blocks of a stash. That it overflows is checked at every access.
pub(super) const STASH: usize = 32;
/// What a leaf is marked with where there is a block: no leaf has this bit.
pub(super) const BLOCK: u64 = 1 << 32;
/// Levels near the root that stay in fast caches without being asked for.
const IN_CACHE: u32 = 8;
/// Levels of the largest tree, and the stash before them.
pub(super) const MAX_LEVELS: usize = 34;

/// A tree of blocks of `D` lines.
///
/// # What leaks
/// How many leaves it has; the leaf that is read, which was drawn at random and is read once; when
/// it is accessed.
#[derive(Debug)]
pub(super) struct Tree<const D: usize> {
    /// Levels below the root; there are `2^depth` leaves.
    pub(super) depth: u32,
    /// For each bucket, two of them to a line: its blocks' names, then their leaves with
    /// [`BLOCK`], or zero where there is none.
    pub(super) heads: Lines,
    /// The blocks, in the order of the buckets.
    pub(super) blocks: Lines,
    pub(super) stash: Stash<D>,
    /// Tidied paths so far.
    pub(super) tidied: u64,
    /// The leaf that was read last. Everybody has seen it.
    pub(super) revealed: u64,
}

/// Blocks that have no place in the tree yet.
#[derive(Debug)]
pub(super) struct Stash<const D: usize> {
    pub(super) names: Lines,
    /// With [`BLOCK`]; zero where there is none.
    pub(super) leaves: Lines,
    pub(super) blocks: Lines,
}

/// What one access does to the block that it asks for.
pub(super) trait Edit<const D: usize> {
    type Out;

    /// Changes the block, which is all zero if it was not there, and says whether it is kept.
    /// Implementations are `#[inline(always)]`.
    fn edit<K: Kernel>(self, k: K, found: Choice, block: &mut [Cell<K>; D]) -> (Choice, Self::Out);
}

/// Which block an access asks for.
#[derive(Clone, Copy)]
pub(super) struct Target {
    /// Its name; secret.
    pub(super) name: u64,
    /// Its leaf, which this access reveals.
    pub(super) leaf: u64,
    /// Its leaf from now on; secret.
    pub(super) next: u64,
}

impl<const D: usize> Tree<D> {
    /// For `2^depth` blocks. Memory of a new tree is all zero, which means that it is empty.
    pub(super) fn new(depth: u32, stores: &Stores) -> Result<Self, ObliviousError> {
        let buckets = 2 << depth;
        let cells = |count| Lines::new(stores.cells(count));
        Ok(Self {
            depth,
            heads: cells(buckets / 2)?,
            blocks: cells(buckets * BUCKET * D)?,
            stash: Stash {
                names: cells(STASH / LANES)?,
                leaves: cells(STASH / LANES)?,
                blocks: cells(STASH * D)?,
            },
            tidied: 0,
            revealed: 0,
        })
    }

    pub(super) const fn memory_bytes(depth: u32) -> usize {
        (2 << depth) * (32 + BUCKET * D * 64) + STASH * (16 + D * 64)
    }

    /// Leaves in the order that spreads tidying evenly: counted, the binary digits reversed.
    #[inline(always)]
    pub(super) fn tidy_path(&self, ahead: u64) -> u64 {
        (self.tidied + ahead).reverse_bits() >> (64 - self.depth)
    }

    /// The bucket of a path at a level; the root is level 0, bucket 1.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a leaf has at most 31 binary digits"
    )]
    #[inline(always)]
    pub(super) fn bucket(&self, level: u32, leaf: u64) -> usize {
        (1 << level) + (leaf >> (self.depth - level)) as usize
    }

    /// Asks for the paths that the next access will tidy; they are known before its leaf is.
    #[inline(always)]
    pub(super) fn ask_ahead<K: Kernel>(&self) {
        self.ask::<K>(self.tidy_path(0));
        self.ask::<K>(self.tidy_path(1));
    }

    #[inline(always)]
    pub(super) fn ask<K: Kernel>(&self, leaf: u64) {
        let lines = size_of::<Cell<K>>() / size_of::<Line>();
        for level in IN_CACHE..=self.depth {
            let bucket = self.bucket(level, leaf);
            for line in 0..lines {
                prefetch(&self.heads, bucket / 2 * lines + line);
            }
            for line in 0..BUCKET * D * lines {
                prefetch(&self.blocks, bucket * BUCKET * D * lines + line);
            }
        }
    }

    /// Takes the block out of the stash, if it is there.
    #[inline(always)]
    pub(super) fn take_from_stash<K: Kernel>(
        &mut self,
        k: K,
        name: u64,
        taken: &mut ([K::V; D], u64),
    ) {
        let stash = &mut self.stash;
        let (name, zero) = (k.splat(name), k.splat(0));
        let names = K::cells(&stash.names).iter();
        let heads = names.zip(K::cells_mut(&mut stash.leaves));
        let blocks = K::cells(&stash.blocks).chunks_exact(LANES * D);
        for ((names, leaves), blocks) in heads.zip(blocks) {
            let same = k.eq(k.read(names), name);
            let leaf = k.read(leaves);
            let bits = k.bits(same) & k.bits(k.gt(leaf, zero));
            k.write(leaves, k.select(same, zero, leaf));
            for (place, block) in blocks.chunks_exact(D).enumerate() {
                collect(k, Choice::from_bit(u64::from(bits) >> place), block, taken);
            }
        }
    }

    /// Takes the block out of its path, if it is there. No block is written.
    #[inline(always)]
    pub(super) fn take_from_path<K: Kernel>(
        &mut self,
        k: K,
        target: Target,
        taken: &mut ([K::V; D], u64),
    ) {
        for level in 0..=self.depth {
            let bucket = self.bucket(level, target.leaf);
            let head = head_mut::<K>(&mut self.heads, bucket);
            for place in 0..BUCKET {
                let same = Choice::eq(k.word(&head[place]), target.name);
                let leaf = k.word(&head[BUCKET + place]);
                let here = same.and(Choice::eq(leaf, 0).not());
                k.set(&mut head[BUCKET + place], same.select(0, leaf));
                let first = (bucket * BUCKET + place) * D;
                let blocks = K::cells(&self.blocks);
                collect(k, here, &blocks[first..first + D], taken);
            }
        }
    }

    /// Puts the block into the first free place of the stash.
    #[inline(always)]
    pub(super) fn keep<K: Kernel>(
        &mut self,
        k: K,
        target: Target,
        block: &[Cell<K>; D],
        keep: Choice,
    ) -> Choice {
        let stash = &mut self.stash;
        let mut free = 0;
        for (n, leaves) in K::cells(&stash.leaves).iter().enumerate() {
            let bits = k.bits(k.eq(k.read(leaves), k.splat(0)));
            free |= u64::from(bits) << (n * LANES);
        }
        let done = keep.not().or(Choice::eq(free, 0).not());
        // The lowest bit that is set.
        let place = free & free.wrapping_neg() & keep.word();
        let (name, leaf) = (k.splat(target.name), k.splat(target.next | BLOCK));
        let names = K::cells_mut(&mut stash.names).iter_mut();
        let heads = names.zip(K::cells_mut(&mut stash.leaves));
        for (n, (names, leaves)) in heads.enumerate() {
            let here = k.mask((place >> (n * LANES)).to_le_bytes()[0]);
            let (own, own_leaf) = (k.read(names), k.read(leaves));
            k.write(names, k.select(here, name, own));
            k.write(leaves, k.select(here, leaf, own_leaf));
        }
        let blocks = K::cells_mut(&mut stash.blocks);
        for (n, to) in blocks.chunks_exact_mut(D).enumerate() {
            let here = k.choice(Choice::from_bit(place >> n));
            for (to, new) in to.iter_mut().zip(block) {
                let v = k.select(here, k.read(new), k.read(to));
                k.write(to, v);
            }
        }
        done
    }

    /// Blocks in the stash. For statistics: it must not be shown.
    pub(super) fn in_stash(&self, stores: &Stores) -> usize {
        let leaves = self.stash.leaves.words();
        let places = 0..STASH;
        places.filter(|at| stores.word(leaves, *at) != 0).count()
    }
}

/// The four words of a bucket: names, leaves.
#[inline(always)]
pub(super) fn head_mut<K: Kernel>(heads: &mut [Line], bucket: usize) -> &mut [K::Word] {
    let first = bucket % 2 * 2 * BUCKET;
    &mut K::cells_mut(heads)[bucket / 2][first..first + 2 * BUCKET]
}

#[inline(always)]
fn collect<K: Kernel, const D: usize>(
    k: K,
    here: Choice,
    block: &[Cell<K>],
    taken: &mut ([K::V; D], u64),
) {
    taken.1 |= here.bit();
    let here = k.choice(here);
    for (sum, line) in taken.0.iter_mut().zip(block) {
        *sum = k.select(here, k.read(line), *sum);
    }
}
