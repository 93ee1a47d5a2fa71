use thiserror::Error;

/// Why bytes are not the one accepted encoding of a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CodecError {
    /// The input ends inside an item.
    #[error("the input ends inside an item, at byte {at}")]
    Truncated {
        /// Offset at which more bytes were needed.
        at: usize,
    },
    /// Bytes follow the one item that was expected.
    #[error("{extra} bytes follow the end of the document")]
    Trailing {
        /// How many bytes were left over.
        extra: usize,
    },
    /// An item is well-formed CBOR in an encoding that is not the deterministic one.
    #[error("the item at byte {at} is not in deterministic encoding: {why}")]
    NotDeterministic {
        /// Offset of the item.
        at: usize,
        /// The rule that it breaks.
        why: &'static str,
    },
    /// A kind of CBOR item that Adyton's documents never hold.
    #[error(
        "the item at byte {at} is of a kind that is not used here (initial byte {initial:#04x})"
    )]
    Unsupported {
        /// Offset of the item.
        at: usize,
        /// Its first byte.
        initial: u8,
    },
    /// Nesting beyond [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("the item at byte {at} is nested more than {max} deep")]
    TooDeep {
        /// Offset of the item.
        at: usize,
        /// The limit.
        max: usize,
    },
    /// More items than [`MAX_ITEMS`](crate::MAX_ITEMS).
    #[error("the document holds more than {max} items")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// A text string is not UTF-8.
    #[error("the text at byte {at} is not UTF-8")]
    NotUtf8 {
        /// Offset of the text's first byte.
        at: usize,
    },
    /// A map lacks a required field.
    #[error("field `{field}` is missing")]
    MissingField {
        /// The field's name.
        field: &'static str,
    },
    /// A map has a field that the format does not know.
    #[error("field `{field}` is not known")]
    UnknownField {
        /// The field's name, as found.
        field: String,
    },
    /// A field holds another kind of item than the format says.
    #[error("field `{field}` should be {expected}")]
    WrongKind {
        /// The field's name.
        field: &'static str,
        /// What the format says.
        expected: &'static str,
    },
    /// A byte string or text is not of the length that the format says.
    #[error("field `{field}` is {found} bytes long, not {expected}")]
    WrongLength {
        /// The field's name.
        field: &'static str,
        /// The length that the format says.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// Text that should be hexadecimal is not, or is of the wrong length.
    #[error(
        "expected {expected} lower-case hexadecimal digits, found {found} characters or another character"
    )]
    NotHex {
        /// Number of digits wanted; 0 where any even number would do.
        expected: usize,
        /// Number of characters found.
        found: usize,
    },
    /// Text that should be standard base64 (RFC 4648 section 4) is not.
    #[error("not standard base64 (RFC 4648 section 4, with padding)")]
    NotBase64,
}
