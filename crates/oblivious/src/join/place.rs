//! Before the pass: from tags to places.

use super::class::{BatchClass, GROUP_BITS, PLACES, STASH};
use super::scratch::{Scratch, Tier};
use crate::kernel::{Choice, Kernel, LANES, Line, Task, each, less};
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
        scratch.sorter.sort(k, K::cells_mut(&mut scratch.keys));
        let counted = rank(k, scratch, class);
        for (tier, members) in scratch.tiers.iter_mut().zip(counted.members) {
            let keys = K::cells(&scratch.keys).iter();
            for (to, from) in K::cells_mut(&mut tier.tags).iter_mut().zip(keys) {
                k.write(to, k.read(from));
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
fn rank<K: Kernel>(k: K, scratch: &mut Scratch, class: BatchClass) -> Counted {
    let bits = class.bucket_bits();
    let [buckets, stashes] = &mut scratch.tiers;
    let mut tiers = [columns::<K>(buckets), columns::<K>(stashes)];
    let repeats = words_mut::<K>(&mut scratch.same);
    let (mut previous, mut members, mut all) = (NO_TAG, [0; 2], Choice::from_bit(1));
    // Queries so far in this bucket, and of this group's those in the stash.
    let (mut in_bucket, mut in_stash) = (0, 0);
    let tags = K::cells(&scratch.keys).as_flattened();
    for (i, tag) in tags.iter().enumerate() {
        let tag = k.word(tag);
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
        k.set(&mut repeats[i], same.word());
        for (n, [member, distances, steps]) in tiers.iter_mut().enumerate() {
            let here = here[n];
            k.set(&mut member[i], here.word());
            let distance = (i as u64).wrapping_sub(members[n]);
            k.set(&mut distances[i], here.word() & distance);
            k.set(
                &mut steps[i],
                here.word() & place[n].wrapping_sub(members[n]),
            );
            members[n] += here.bit();
        }
        in_bucket += counts.bit();
        in_stash += here[1].bit();
        previous = tag;
    }
    Counted { members, all }
}

/// Members, distances and steps of a tier, word by word.
#[inline(always)]
fn columns<K: Kernel>(tier: &mut Tier) -> [&mut [K::Word]; 3] {
    [
        words_mut::<K>(&mut tier.member),
        words_mut::<K>(&mut tier.distances),
        words_mut::<K>(&mut tier.steps),
    ]
}

#[inline(always)]
fn words_mut<K: Kernel>(lines: &mut [Line]) -> &mut [K::Word] {
    K::cells_mut(lines).as_flattened_mut()
}

/// Brings the members' tags side by side, then to their places.
#[inline(always)]
fn bring<K: Kernel>(k: K, tier: &mut Tier, members: u64) {
    let tags = K::cells_mut(&mut tier.tags);
    let steps = K::cells_mut(&mut tier.steps);
    let distances = K::cells_mut(&mut tier.distances);
    let places = K::cells_mut(&mut tier.places);
    tier.gather.plan_gather(k, &mut distances[..tags.len()]);
    tier.gather.pull(k, tags);
    tier.gather.pull(k, steps);
    // There are never more members than places; what lies behind is left over from the way.
    let width = tags.len().min(places.len());
    let members = k.splat(members);
    for (line, steps) in steps[..width].iter().enumerate() {
        let numbers = each(|i| (line * LANES + i) as u64);
        let is_member = k.gt(members, k.load(&numbers));
        let distance = k.select(is_member, k.read(steps), k.splat(0));
        k.write(&mut distances[line], distance);
    }
    let (none, zero) = (k.splat(NO_TAG), k.splat(0));
    for distance in &mut distances[width..] {
        k.write(distance, zero);
    }
    for place in &mut places[width..] {
        k.write(place, none);
    }
    for (place, tag) in places.iter_mut().zip(&tags[..width]) {
        k.write(place, k.read(tag));
    }
    tier.spread.plan_spread(k, &mut distances[..places.len()]);
    tier.spread.push(k, places);
}
