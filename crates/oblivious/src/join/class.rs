use crate::table::FINE_BITS;

/// How many queries a batch has, padded. Public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchClass(u32);

/// Buckets for each query, as a power of two.
const BUCKETS_A_QUERY: u32 = 2;
/// Places of a bucket.
pub(super) const PLACES: usize = 4;
/// Buckets that share a stash, as a power of two.
pub(super) const GROUP_BITS: u32 = 6;
/// Places of a stash.
pub(super) const STASH: usize = 8;

impl BatchClass {
    /// The smallest batch.
    pub const MIN: Self = Self(8);
    /// The largest batch.
    pub const MAX: Self = Self(FINE_BITS - BUCKETS_A_QUERY);

    /// A batch so small that its every instruction can be looked at. Not to be used: a batch of
    /// this class overflows with a noticeable probability.
    pub(crate) const TINY: Self = Self(4);

    /// The smallest class that holds so many queries, if there is one.
    #[must_use]
    pub fn holding(queries: usize) -> Option<Self> {
        let bits = queries.max(1).next_power_of_two().ilog2();
        let class = Self(bits.max(Self::MIN.0));
        (class <= Self::MAX).then_some(class)
    }

    /// Queries of a batch of this class, padding included.
    #[must_use]
    pub const fn queries(self) -> usize {
        1 << self.0
    }

    /// Buckets, as a power of two.
    ///
    /// With four buckets a query, a bucket's queries are close to a Poisson distribution with mean
    /// 1/4. That it has more than its four places is a matter of 7 in a million, that it has more than
    /// the twelve of itself and its stash one of 3e-18; so a batch of 65,536 fails with less than
    /// 2^-40, and of 8,192 with less than 2^-43.
    pub(super) const fn bucket_bits(self) -> u32 {
        self.0 + BUCKETS_A_QUERY
    }

    /// Places of all buckets.
    pub(super) const fn places(self) -> usize {
        PLACES << self.bucket_bits()
    }

    /// Groups of buckets that share a stash.
    pub(super) const fn groups(self) -> usize {
        1 << (self.bucket_bits() - GROUP_BITS)
    }

    /// Places of all stashes.
    pub(super) const fn stash_places(self) -> usize {
        self.groups() * STASH
    }
}
