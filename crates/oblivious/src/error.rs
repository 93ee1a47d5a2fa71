use adyton_types::ErrorClass;
use thiserror::Error;

/// Why a table, a batch or a map could not do what it was asked.
///
/// None of these depends on what was looked up, but for [`Self::Overflow`] and [`Self::Stash`],
/// which have the probabilities that they state and are checked always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ObliviousError {
    /// A key has not the length that the table was made for.
    #[error("the key has {found} bytes, and the keys of this table have {wanted}")]
    KeyLength {
        /// Bytes handed in.
        found: usize,
        /// Bytes expected.
        wanted: usize,
    },
    /// A key is longer than any.
    #[error("the key has {found} bytes; at most {limit} are allowed")]
    KeyTooLong {
        /// Bytes handed in.
        found: usize,
        /// The most.
        limit: usize,
    },
    /// A value has not the length that the table was made for.
    #[error("the value has {found} bytes, and the values of this table have {wanted}")]
    ValueLength {
        /// Bytes handed in.
        found: usize,
        /// Bytes expected.
        wanted: usize,
    },
    /// A shape that no table can have.
    #[error("keys of {key_bytes} bytes with values of {value_bytes} are not supported")]
    Shape {
        /// Bytes of a key; zero stands for any length.
        key_bytes: usize,
        /// Bytes of a value.
        value_bytes: usize,
    },
    /// The same key was loaded more than once.
    #[error("{count} keys were loaded more than once: load each key once")]
    DuplicateKeys {
        /// Records too many.
        count: usize,
    },
    /// More records than there is room for.
    #[error("there is room for {capacity} records only: make the table larger")]
    Full {
        /// Records that fit.
        capacity: usize,
    },
    /// The allocator has not so much memory.
    #[error("{bytes} bytes of memory are not to be had")]
    OutOfMemory {
        /// Bytes asked for.
        bytes: usize,
    },
    /// A client asks for more than the batch has left.
    #[error("{asked} queries do not fit: the batch has room for {left} more")]
    BatchFull {
        /// Queries asked for.
        asked: usize,
        /// Places left.
        left: usize,
    },
    /// A client hands in more keys than its quota.
    #[error("{asked} keys are more than the quota of {quota}")]
    Quota {
        /// Keys handed in.
        asked: usize,
        /// Places that the client has.
        quota: usize,
    },
    /// A batch was made for a table of another shape.
    #[error("the batch was made for a table of another shape")]
    OtherShape,
    /// A client that is not of this batch.
    #[error("the batch has no such client")]
    NoSuchClient,
    /// More queries fell into one bucket than it and its stash hold: less likely than 2^-40 a batch.
    #[error("the batch could not be answered: ask again under a new key")]
    Overflow,
    /// Two different keys have the same 64-bit tag: less likely than 2^-39 for a key.
    #[error("another key has the same tag: rotate the table's key, then try again")]
    Collision,
    /// The stash of an oblivious map is full; the map is lost.
    #[error("the map's stash is full: load the map anew")]
    Stash,
}

impl ObliviousError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(self) -> ErrorClass {
        match self {
            Self::KeyLength { .. }
            | Self::KeyTooLong { .. }
            | Self::ValueLength { .. }
            | Self::DuplicateKeys { .. } => ErrorClass::Malformed,
            Self::Quota { .. } => ErrorClass::Rejected,
            Self::Full { .. }
            | Self::OutOfMemory { .. }
            | Self::BatchFull { .. }
            | Self::Overflow
            | Self::Collision
            | Self::Stash => ErrorClass::Unavailable,
            Self::Shape { .. } | Self::OtherShape | Self::NoSuchClient => ErrorClass::Misuse,
        }
    }
}
