use super::leaves::Leaves;
use super::tree::{Edit, Target, Tree};
use crate::error::ObliviousError;
use crate::kernel::{Cell, Choice, Kernel, LANES, Line, Stores};
use crate::memory::{Lines, lines_for};

/// Leaves that one block holds, as a power of two: two to a word.
const FAN_BITS: u32 = 4;
/// A list of at most so many leaves, as a power of two, is read whole.
const FLAT_BITS: u32 = 12;

static LANE_NUMBERS: Line = [0, 1, 2, 3, 4, 5, 6, 7];

/// Which leaf each block of a tree has: itself in smaller trees, and the smallest in a list.
#[derive(Debug)]
pub(super) struct Positions {
    /// From the smallest to the largest.
    trees: Vec<Tree<1>>,
    flat: Lines,
    /// Binary digits of a block's number.
    bits: u32,
    /// Leaves of the tree that the positions are of, as a power of two.
    leaf_bits: u32,
}

impl Positions {
    /// For `2^bits` blocks in a tree with `2^leaf_bits` leaves.
    pub(super) fn new(bits: u32, leaf_bits: u32, stores: &Stores) -> Result<Self, ObliviousError> {
        let mut trees = Vec::new();
        let mut flat = bits;
        while flat > FLAT_BITS {
            flat -= FAN_BITS;
            trees.push(Tree::new(flat, stores)?);
        }
        trees.reverse();
        Ok(Self {
            trees,
            flat: Lines::new(stores.cells(lines_for(1 << flat >> 1).max(1)))?,
            bits,
            leaf_bits,
        })
    }

    pub(super) fn memory_bytes(bits: u32) -> usize {
        let mut flat = bits;
        let mut bytes = 0;
        while flat > FLAT_BITS {
            flat -= FAN_BITS;
            bytes += Tree::<1>::memory_bytes(flat);
        }
        bytes + (4 << flat)
    }

    /// Asks for what the next exchange will tidy.
    #[inline(always)]
    pub(super) fn ask_ahead<K: Kernel>(&self) {
        for tree in &self.trees {
            tree.ask_ahead::<K>();
        }
    }

    /// Looks a block's leaf up and sets another. Whether the stashes sufficed is told, too.
    #[inline(always)]
    pub(super) fn exchange<K: Kernel>(
        &mut self,
        k: K,
        block: u64,
        next: u64,
        leaves: &mut Leaves,
    ) -> (Choice, u64) {
        let mut good = Choice::from_bit(1);
        let mut shift = self.trees.iter().map(|_| FAN_BITS).sum::<u32>();
        // The leaf that the block of the next tree gets.
        let mut set = self
            .trees
            .first()
            .map_or(next, |tree| leaves.draw(tree.depth));
        let mut own_bits = self.trees.first().map_or(self.leaf_bits, |tree| tree.depth);
        let mut found = exchange_in(k, K::cells_mut(&mut self.flat), block >> shift, set + 1);
        for at in 0..self.trees.len() {
            let leaf = or_random(found, leaves, own_bits);
            shift -= FAN_BITS;
            let below = self.trees.get(at + 1).map(|tree| tree.depth);
            let new = below.map_or(next, |depth| leaves.draw(depth));
            let target = Target {
                name: block >> (shift + FAN_BITS),
                leaf,
                next: set,
            };
            let edit = ExchangeOne {
                place: block >> shift & ((1 << FAN_BITS) - 1),
                leaf: new + 1,
            };
            let (kept, old) = self.trees[at].access(k, target, edit);
            good = good.and(kept);
            (found, set) = (old, new);
            own_bits = below.unwrap_or(self.leaf_bits);
        }
        debug_assert!(shift == 0 && block >> self.bits == 0);
        (good, or_random(found, leaves, own_bits))
    }

    pub(super) fn revealed(&self) -> impl Iterator<Item = u64> {
        self.trees.iter().map(|tree| tree.revealed)
    }

    pub(super) fn depths(&self) -> impl Iterator<Item = u32> {
        self.trees.iter().map(|tree| tree.depth)
    }

    pub(super) fn in_stashes(&self, stores: &Stores) -> impl Iterator<Item = usize> {
        self.trees.iter().map(|tree| tree.in_stash(stores))
    }
}

/// A leaf that was never set is as good as any.
#[inline(always)]
fn or_random(found: u64, leaves: &mut Leaves, bits: u32) -> u64 {
    let random = leaves.draw(bits);
    Choice::eq(found, 0).select(random, found.wrapping_sub(1))
}

struct ExchangeOne {
    place: u64,
    leaf: u64,
}

impl Edit<1> for ExchangeOne {
    type Out = u64;

    #[inline(always)]
    fn edit<K: Kernel>(self, k: K, _: Choice, block: &mut [Cell<K>; 1]) -> (Choice, u64) {
        let old = exchange_in(k, block, self.place, self.leaf);
        (Choice::from_bit(1), old)
    }
}

/// Half a word of a list, found by reading all of it, and written by writing all of it.
#[inline(always)]
fn exchange_in<K: Kernel>(k: K, list: &mut [Cell<K>], place: u64, leaf: u64) -> u64 {
    let (word, is_high) = (place >> 1, Choice::from_bit(place));
    let lane = k.bits(k.eq(k.load(&LANE_NUMBERS), k.splat(word % LANES as u64)));
    let wanted = word / LANES as u64;
    let mut sum = k.splat(0);
    for (n, line) in list.iter().enumerate() {
        let here = k.mask(lane & Choice::eq(n as u64, wanted).word().to_le_bytes()[0]);
        sum = k.select(here, k.read(line), sum);
    }
    let zero = k.splat(0);
    let mut folded = [K::Word::default(); LANES];
    k.write(
        &mut folded,
        k.fold([sum, zero, zero, zero, zero, zero, zero, zero]),
    );
    let old = k.word(&folded[0]);
    let (low, high) = (old & 0xffff_ffff, old >> 32);
    let new = k.splat(is_high.select(low | leaf << 32, high << 32 | leaf));
    for (n, line) in list.iter_mut().enumerate() {
        let here = k.mask(lane & Choice::eq(n as u64, wanted).word().to_le_bytes()[0]);
        let v = k.select(here, new, k.read(line));
        k.write(line, v);
    }
    is_high.select(high, low)
}
