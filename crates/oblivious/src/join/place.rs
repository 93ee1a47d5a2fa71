//! Before the pass: from tags to places.

use super::class::{BatchClass, GROUP_BITS, PLACES, STASH};
use super::scratch::{Scratch, Tier};
use crate::kernel::{Choice, Kernel, LANES, Task, each, less};
use crate::table::NO_TAG;

/// Sorts the tags of a batch and brings each to its place. Tells whether all have one.
pub(super) struct Place<'a> {
    pub(super) scratch: &'a mut Scratch,
    pub(super) class: BatchClass,
}

impl Task for Place<'_> {
    type Out = Choice;

    #[inline(always)]
    fn run<K: Kernel>(self, k: K) -> Choice {
        let Self { scratch, class } = self;
        scratch.sorter.sort(k, &mut scratch.keys);
        let counted = rank(scratch, class);
        for (tier, members) in scratch.tiers.iter_mut().zip(counted.members) {
            for (to, from) in tier.tags.iter_mut().zip(scratch.keys.iter()) {
                let from = k.load(from);
                k.store(to, from);
            }
            bring(k, tier, members);
        }
        counted.all
    }
}

/// What [`rank`] counts; secret.
struct Counted {
    /// Tags in each tier.
    members: [u64; 2],
    /// Whether every tag got a place.
    all: Choice,
}

/// Gives every different tag a place, in one pass over the sorted tags.
#[inline(always)]
fn rank(scratch: &mut Scratch, class: BatchClass) -> Counted {
    let bits = class.bucket_bits();
    let [buckets, stashes] = &mut scratch.tiers;
    let (mut previous, mut members, mut all) = (NO_TAG, [0; 2], Choice::from_bit(1));
    // Queries so far in this bucket, and of this group's those in the stash.
    let (mut in_bucket, mut in_stash) = (0, 0);
    for (i, tag) in scratch.keys.words().iter().copied().enumerate() {
        let (bucket, group) = (tag >> (64 - bits), tag >> (64 - bits + GROUP_BITS));
        let same = Choice::eq(tag, previous);
        let counts = same.or(Choice::eq(tag, NO_TAG)).not();
        in_bucket &= Choice::eq(bucket, previous >> (64 - bits)).word();
        in_stash &= Choice::eq(group, previous >> (64 - bits + GROUP_BITS)).word();
        let fits = less(in_bucket, PLACES as u64);
        let stashable = less(in_stash, STASH as u64);
        let here = [counts.and(fits), counts.and(fits.not()).and(stashable)];
        let place = [
            bucket * PLACES as u64 + in_bucket,
            group * STASH as u64 + in_stash,
        ];
        all = all.and(counts.and(fits.or(stashable).not()).not());
        scratch.same.words_mut()[i] = same.word();
        for (n, tier) in [&mut *buckets, &mut *stashes].into_iter().enumerate() {
            let here = here[n];
            tier.member.words_mut()[i] = here.word();
            tier.distances.words_mut()[i] = here.word() & (i as u64).wrapping_sub(members[n]);
            tier.steps.words_mut()[i] = here.word() & place[n].wrapping_sub(members[n]);
            members[n] += here.bit();
        }
        in_bucket += counts.bit();
        in_stash += here[1].bit();
        previous = tag;
    }
    Counted { members, all }
}

/// Brings the members' tags side by side, then to their places.
#[inline(always)]
fn bring<K: Kernel>(k: K, tier: &mut Tier, members: u64) {
    let lines = tier.tags.len();
    tier.gather.plan_gather(k, &mut tier.distances[..lines]);
    tier.gather.pull(k, &mut tier.tags);
    tier.gather.pull(k, &mut tier.steps);
    // There are never more members than places; what lies behind is left over from the way.
    let width = lines.min(tier.places.len());
    let members = k.splat(members);
    for (line, steps) in tier.steps[..width].iter().enumerate() {
        let places = each(|i| (line * LANES + i) as u64);
        let is_member = k.gt(members, k.load(&places));
        let distance = k.select(is_member, k.load(steps), k.splat(0));
        k.store(&mut tier.distances[line], distance);
    }
    let (none, zero) = (k.splat(NO_TAG), k.splat(0));
    for distance in &mut tier.distances[width..] {
        k.store(distance, zero);
    }
    for place in &mut tier.places[width..] {
        k.store(place, none);
    }
    for (place, tag) in tier.places.iter_mut().zip(&tier.tags[..width]) {
        let tag = k.load(tag);
        k.store(place, tag);
    }
    let places = tier.places.len();
    tier.spread.plan_spread(k, &mut tier.distances[..places]);
    tier.spread.push(k, &mut tier.places);
}
