//! Tidying a path: blocks go as near to their leaves as places allow, in one pass down the path.

use super::tree::{BLOCK, BUCKET, MAX_LEVELS, STASH, Tree, head_mut};
use crate::kernel::{Choice, Kernel, LANES, Line, lead_zeros, less};

/// No level.
const NONE: u64 = u64::MAX;

/// The stash's places, counted. In memory, since a vector made of words that were just written
/// would have to wait for them.
static PLACES: [Line; STASH / LANES] = {
    let mut lines = [[0; LANES]; STASH / LANES];
    let mut n = 0;
    while n < STASH {
        lines[n / LANES][n % LANES] = n as u64;
        n += 1;
    }
    lines
};

/// What is known of a path before anything is moved. Level 0 is the stash, level 1 the root.
struct Plan<K: Kernel> {
    /// For each level the level above it, or above that, whose block can go deepest, if that is
    /// at least here.
    deepest: [K::Word; MAX_LEVELS],
    /// Where this level's deepest block has to go.
    target: [K::Word; MAX_LEVELS],
    /// Which of a level's blocks can go deepest.
    best: [K::Word; MAX_LEVELS],
    /// The first place without a block, if there is one.
    free: [K::Word; MAX_LEVELS],
    /// Whether there is one.
    has_free: [K::Word; MAX_LEVELS],
    levels: usize,
}

/// Moves blocks down a path (Circuit ORAM, algorithms 2 to 4, without branches).
#[inline(always)]
pub(super) fn evict<K: Kernel, const D: usize>(k: K, tree: &mut Tree<D>, path: u64) {
    let plan = plan(k, tree, path);
    let mut held = [k.splat(0); D];
    let mut to = k.word(&plan.target[0]);
    let leaves = Choice::eq(to, NONE).not();
    // A place that no block of the stash has, if none leaves it.
    let wanted = k.splat(leaves.select(k.word(&plan.best[0]), NONE));
    let mut sums = [k.splat(0); 2];
    let stash = &mut tree.stash;
    let names = K::cells(&stash.names).iter();
    let heads = names.zip(K::cells_mut(&mut stash.leaves));
    let blocks = K::cells(&stash.blocks).chunks_exact(LANES * D);
    for ((n, (names, leaves)), blocks) in heads.enumerate().zip(blocks) {
        let here = k.eq(k.load(&PLACES[n]), wanted);
        let (own, zero) = (k.read(leaves), k.splat(0));
        sums[0] = k.select(here, k.read(names), sums[0]);
        sums[1] = k.select(here, own, sums[1]);
        k.write(leaves, k.select(here, zero, own));
        let bits = u64::from(k.bits(here));
        for (place, block) in blocks.chunks_exact(D).enumerate() {
            let here = k.choice(Choice::from_bit(bits >> place));
            for i in 0..D {
                held[i] = k.select(here, k.read(&block[i]), held[i]);
            }
        }
    }
    let zero = k.splat(0);
    let mut folded = [K::Word::default(); LANES];
    k.write(
        &mut folded,
        k.fold([sums[0], sums[1], zero, zero, zero, zero, zero, zero]),
    );
    let (mut name, mut leaf) = (k.word(&folded[0]), k.word(&folded[1]));
    for level in 1..=plan.levels {
        let bucket = tree.bucket(depth_of(level), path);
        let target = k.word(&plan.target[level]);
        let takes = Choice::eq(target, NONE).not();
        let puts = Choice::eq(level as u64, to);
        let place = takes.select(k.word(&plan.best[level]), k.word(&plan.free[level]));
        let head = head_mut::<K>(&mut tree.heads, bucket);
        for n in 0..BUCKET {
            let here = takes.or(puts).and(Choice::eq(place, n as u64));
            let (own, own_leaf) = (k.word(&head[n]), k.word(&head[BUCKET + n]));
            k.set(&mut head[n], here.select(name, own));
            k.set(&mut head[BUCKET + n], here.select(leaf, own_leaf));
            name = here.select(own, name);
            leaf = here.select(own_leaf, leaf);
            let first = (bucket * BUCKET + n) * D;
            let here = k.choice(here);
            let block = &mut K::cells_mut(&mut tree.blocks)[first..first + D];
            for i in 0..D {
                let own = k.read(&block[i]);
                k.write(&mut block[i], k.select(here, held[i], own));
                held[i] = k.select(here, own, held[i]);
            }
        }
        to = takes.select(target, puts.select(NONE, to));
    }
}

/// Levels of the tree are counted from zero.
#[expect(
    clippy::cast_possible_truncation,
    reason = "there are at most 34 levels"
)]
#[inline(always)]
const fn depth_of(level: usize) -> u32 {
    (level - 1) as u32
}

#[inline(always)]
fn plan<K: Kernel, const D: usize>(k: K, tree: &mut Tree<D>, path: u64) -> Plan<K> {
    // The words of levels that there are, and only those, are written before they are read.
    let words = [K::Word::default(); MAX_LEVELS];
    let mut plan = Plan {
        deepest: words,
        target: words,
        best: words,
        free: words,
        has_free: words,
        levels: tree.depth as usize + 1,
    };
    k.set(&mut plan.deepest[0], NONE);
    k.set(&mut plan.has_free[0], 0);
    find_deepest(k, tree, path, &mut plan);
    find_targets(k, &mut plan);
    plan
}

/// How deep a block can go on a path: the level below which its leaf's path parts; 0 for no block.
#[inline(always)]
fn reach(leaf: u64, path: u64, depth: u32) -> u64 {
    let apart = (leaf ^ path) << (64 - depth);
    let level = lead_zeros(apart | 1 << (63 - depth)) + 1;
    level & Choice::eq(leaf, 0).not().word()
}

/// The block of the stash that can go deepest: the one whose leaf differs from the path's as far
/// to the right as possible, so that their difference is the smallest number. And how deep.
#[inline(always)]
fn deepest_of_stash<K: Kernel, const D: usize>(k: K, tree: &Tree<D>, path: u64) -> (u64, u64) {
    let wanted = k.splat(path | BLOCK);
    let (mut nearest, mut places) = (k.splat(BLOCK), k.splat(0));
    for (n, leaves) in K::cells(&tree.stash.leaves).iter().enumerate() {
        let apart = k.xor(k.read(leaves), wanted);
        let is_nearer = k.gt(nearest, apart);
        nearest = k.select(is_nearer, apart, nearest);
        places = k.select(is_nearer, k.load(&PLACES[n]), places);
    }
    let mut lanes = [[K::Word::default(); LANES]; 2];
    k.write(&mut lanes[0], nearest);
    k.write(&mut lanes[1], places);
    let (mut apart, mut best) = (BLOCK, 0);
    for (lane, place) in lanes[0].iter().zip(&lanes[1]) {
        let (lane, place) = (k.word(lane), k.word(place));
        let is_nearer = less(lane, apart);
        apart = is_nearer.select(lane, apart);
        best = is_nearer.select(place, best);
    }
    let leaf = less(apart, BLOCK).word() & (apart ^ path ^ BLOCK);
    (best, reach(leaf, path, tree.depth))
}

#[inline(always)]
fn find_deepest<K: Kernel, const D: usize>(
    k: K,
    tree: &mut Tree<D>,
    path: u64,
    plan: &mut Plan<K>,
) {
    let (best, mut goal) = deepest_of_stash(k, tree, path);
    k.set(&mut plan.best[0], best);
    let mut from = Choice::eq(goal, 0).select(NONE, 0);
    for level in 1..=plan.levels {
        let deepest = less(goal, level as u64).select(NONE, from);
        k.set(&mut plan.deepest[level], deepest);
        let bucket = tree.bucket(depth_of(level), path);
        let head = head_mut::<K>(&mut tree.heads, bucket);
        let [first, second] = [k.word(&head[BUCKET]), k.word(&head[BUCKET + 1])];
        let reaches = [
            reach(first, path, tree.depth),
            reach(second, path, tree.depth),
        ];
        let is_second = less(reaches[0], reaches[1]);
        let free = Choice::eq(first, 0);
        k.set(&mut plan.best[level], is_second.bit());
        k.set(&mut plan.free[level], free.not().bit());
        let has_free = free.or(Choice::eq(second, 0));
        k.set(&mut plan.has_free[level], has_free.bit());
        let reach = is_second.select(reaches[1], reaches[0]);
        let deeper = less(goal, reach);
        goal = deeper.select(reach, goal);
        from = deeper.select(level as u64, from);
    }
}

#[inline(always)]
fn find_targets<K: Kernel>(k: K, plan: &mut Plan<K>) {
    let (mut to, mut from) = (NONE, NONE);
    for level in (0..=plan.levels).rev() {
        let is_source = Choice::eq(level as u64, from);
        let target = is_source.select(to, NONE);
        k.set(&mut plan.target[level], target);
        to = is_source.select(NONE, to);
        from = is_source.select(NONE, from);
        let has_free = Choice::from_bit(k.word(&plan.has_free[level]));
        let free = Choice::eq(to, NONE).and(has_free);
        let gives = Choice::eq(target, NONE).not();
        let deepest = k.word(&plan.deepest[level]);
        let wanted = Choice::eq(deepest, NONE).not();
        let fills = free.or(gives).and(wanted);
        from = fills.select(deepest, from);
        to = fills.select(level as u64, to);
    }
}
