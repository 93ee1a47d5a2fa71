//! Tidying a path: blocks go as near to their leaves as places allow, in one pass down the path.

use super::tree::{BUCKET, MAX_LEVELS, Tree, head_mut};
use crate::kernel::{Choice, Kernel, LANES, lead_zeros, less};

/// No level.
const NONE: u64 = u64::MAX;

/// What is known of a path before anything is moved. Level 0 is the stash, level 1 the root.
struct Plan {
    /// For each level the level above it, or above that, whose block can go deepest, if that is
    /// at least here.
    deepest: [u64; MAX_LEVELS],
    /// Where this level's deepest block has to go.
    target: [u64; MAX_LEVELS],
    /// Which of a level's blocks can go deepest.
    best: [u64; MAX_LEVELS],
    /// The first place without a block, if there is one.
    free: [u64; MAX_LEVELS],
    /// Whether there is one.
    has_free: [Choice; MAX_LEVELS],
    levels: usize,
}

/// Moves blocks down a path (Circuit ORAM, algorithms 2 to 4, without branches).
#[inline(always)]
pub(super) fn evict<K: Kernel, const D: usize>(k: K, tree: &mut Tree<D>, path: u64) {
    let plan = plan(tree, path);
    let mut held = [k.splat(0); D];
    let (mut name, mut leaf) = (0, 0);
    let leaves = Choice::eq(plan.target[0], NONE).not();
    let stash = &mut tree.stash;
    let heads = stash.names.words().iter().zip(stash.leaves.words_mut());
    for (place, (own, own_leaf)) in heads.enumerate() {
        let here = leaves.and(Choice::eq(place as u64, plan.best[0]));
        name = here.select(*own, name);
        leaf = here.select(*own_leaf, leaf);
        *own_leaf = here.select(0, *own_leaf);
        let here = k.choice(here);
        let block = &stash.blocks[place * D..(place + 1) * D];
        for i in 0..D {
            held[i] = k.select(here, k.load(&block[i]), held[i]);
        }
    }
    let mut to = plan.target[0];
    for level in 1..=plan.levels {
        let bucket = tree.bucket(depth_of(level), path);
        let takes = Choice::eq(plan.target[level], NONE).not();
        let puts = Choice::eq(level as u64, to);
        let place = takes.select(plan.best[level], plan.free[level]);
        let head = head_mut(&mut tree.heads, bucket);
        for n in 0..BUCKET {
            let here = takes.or(puts).and(Choice::eq(place, n as u64));
            let (own, own_leaf) = (head[n], head[BUCKET + n]);
            head[n] = here.select(name, own);
            head[BUCKET + n] = here.select(leaf, own_leaf);
            name = here.select(own, name);
            leaf = here.select(own_leaf, leaf);
            let first = (bucket * BUCKET + n) * D;
            let here = k.choice(here);
            let block = &mut tree.blocks[first..first + D];
            for i in 0..D {
                let own = k.load(&block[i]);
                k.store(&mut block[i], k.select(here, held[i], own));
                held[i] = k.select(here, own, held[i]);
            }
        }
        to = takes.select(plan.target[level], puts.select(NONE, to));
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
fn plan<const D: usize>(tree: &mut Tree<D>, path: u64) -> Plan {
    let mut plan = Plan {
        deepest: [NONE; MAX_LEVELS],
        target: [NONE; MAX_LEVELS],
        best: [0; MAX_LEVELS],
        free: [0; MAX_LEVELS],
        has_free: [Choice::from_bit(0); MAX_LEVELS],
        levels: tree.depth as usize + 1,
    };
    find_deepest(tree, path, &mut plan);
    find_targets(&mut plan);
    plan
}

/// How deep a block can go on a path: the level below which its leaf's path parts; 0 for no block.
#[inline(always)]
fn reach(leaf: u64, path: u64, depth: u32) -> u64 {
    let apart = (leaf.wrapping_sub(1) ^ path) << (64 - depth);
    let level = lead_zeros(apart | 1 << (63 - depth)) + 1;
    level & Choice::eq(leaf, 0).not().word()
}

#[inline(always)]
fn find_deepest<const D: usize>(tree: &mut Tree<D>, path: u64, plan: &mut Plan) {
    let mut goal = 0;
    debug_assert!(tree.stash.leaves.len() * LANES == tree.stash.names.len() * LANES);
    for (place, leaf) in tree.stash.leaves.words().iter().enumerate() {
        let reach = reach(*leaf, path, tree.depth);
        let deeper = less(goal, reach);
        goal = deeper.select(reach, goal);
        plan.best[0] = deeper.select(place as u64, plan.best[0]);
    }
    let mut from = Choice::eq(goal, 0).select(NONE, 0);
    for level in 1..=plan.levels {
        plan.deepest[level] = less(goal, level as u64).select(NONE, from);
        let bucket = tree.bucket(depth_of(level), path);
        let head = head_mut(&mut tree.heads, bucket);
        let [first, second] = [head[BUCKET], head[BUCKET + 1]];
        let reaches = [
            reach(first, path, tree.depth),
            reach(second, path, tree.depth),
        ];
        let is_second = less(reaches[0], reaches[1]);
        let free = Choice::eq(first, 0);
        plan.best[level] = is_second.bit();
        plan.free[level] = free.not().bit();
        plan.has_free[level] = free.or(Choice::eq(second, 0));
        let reach = is_second.select(reaches[1], reaches[0]);
        let deeper = less(goal, reach);
        goal = deeper.select(reach, goal);
        from = deeper.select(level as u64, from);
    }
}

#[inline(always)]
fn find_targets(plan: &mut Plan) {
    let (mut to, mut from) = (NONE, NONE);
    for level in (0..=plan.levels).rev() {
        let is_source = Choice::eq(level as u64, from);
        let target = is_source.select(to, NONE);
        plan.target[level] = target;
        to = is_source.select(NONE, to);
        from = is_source.select(NONE, from);
        let free = Choice::eq(to, NONE).and(plan.has_free[level]);
        let gives = Choice::eq(target, NONE).not();
        let wanted = Choice::eq(plan.deepest[level], NONE).not();
        let fills = free.or(gives).and(wanted);
        from = fills.select(plan.deepest[level], from);
        to = fills.select(level as u64, to);
    }
}
