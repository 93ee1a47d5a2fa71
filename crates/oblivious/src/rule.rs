use crate::shape::Shape;

/// How a number of look-ups is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// All together, in one pass over a [`crate::Table`].
    Join,
    /// One after the other, in an [`crate::OramMap`].
    Map,
}

/// Bytes a nanosecond that a pass over a table reads.
const PASS_BYTES_A_NS: u64 = 24;
/// Nanoseconds that a join needs for each query beside the pass.
const JOIN_NS: u64 = 180;
/// Nanoseconds of an access to a map, and more for each doubling of its size.
const MAP_NS: u64 = 300;
const MAP_NS_A_LEVEL: u64 = 350;

impl Engine {
    /// The faster one for so many look-ups at once in so many records, both public numbers.
    ///
    /// The constants are one machine's (`docs/oblivious.md`); another's ratio is about the same.
    #[must_use]
    pub const fn for_batch(shape: Shape, records: usize, queries: usize) -> Self {
        let (records, queries) = (records as u64, queries as u64);
        let bytes = records * 8 * (1 + shape.payload() as u64);
        let join = bytes / PASS_BYTES_A_NS + queries * JOIN_NS;
        let levels = (records | 1).ilog2() as u64;
        let map = queries * (MAP_NS + MAP_NS_A_LEVEL * levels);
        if join <= map { Self::Join } else { Self::Map }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::KeyKind;

    #[test]
    fn an_address_book_is_joined_and_a_number_is_not() {
        let shape = Shape::new(KeyKind::Fixed(8), 16).expect("a shape");
        assert_eq!(Engine::for_batch(shape, 1 << 20, 1), Engine::Map);
        assert_eq!(Engine::for_batch(shape, 1 << 20, 1000), Engine::Join);
        assert_eq!(Engine::for_batch(shape, 1 << 24, 1000), Engine::Map);
        assert_eq!(Engine::for_batch(shape, 1 << 24, 5000), Engine::Join);
        assert_eq!(Engine::for_batch(shape, 1 << 27, 5000), Engine::Map);
        assert_eq!(Engine::for_batch(shape, 1 << 27, 65_536), Engine::Join);
    }
}
