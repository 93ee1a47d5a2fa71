use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::CodecError;

/// How deep arrays, maps and tags may nest. Adyton's deepest document (a receipt) needs 7.
pub const MAX_DEPTH: usize = 16;

/// The most items of all kinds that one document may hold. An item takes a byte on the wire and
/// 32 bytes or more here, so that a limit on bytes alone would let a stranger's 2 MiB become 100.
pub const MAX_ITEMS: usize = 1 << 18;

/// One CBOR item, of the kinds that Adyton's documents use.
///
/// Floats, indefinite lengths, `undefined` and other simple values are refused when reading and
/// cannot be built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// An unsigned integer (major type 0).
    Uint(u64),
    /// A negative integer `-1 - n`, held as `n` (major type 1).
    Nint(u64),
    /// A byte string (major type 2).
    Bytes(Cow<'a, [u8]>),
    /// A text string (major type 3).
    Text(Cow<'a, str>),
    /// An array (major type 4).
    Array(Vec<Self>),
    /// A map (major type 5). Order does not matter here: encoding sorts the keys.
    Map(Vec<(Self, Self)>),
    /// A tagged item (major type 6).
    Tag(u64, Box<Self>),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
}

impl<'a> Value<'a> {
    /// A byte string that borrows.
    #[must_use]
    pub const fn bytes(bytes: &'a [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }

    /// A text string that borrows.
    #[must_use]
    pub const fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// A map with text keys, in any order.
    #[must_use]
    pub fn map<const N: usize>(fields: [(&'a str, Self); N]) -> Self {
        Self::Map(
            fields
                .into_iter()
                .map(|(key, value)| (Self::text(key), value))
                .collect(),
        )
    }

    /// Writes the item in core deterministic encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_into(&mut out);
        out
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        match self {
            Self::Uint(n) => head(out, 0, *n),
            Self::Nint(n) => head(out, 1, *n),
            Self::Bytes(b) => {
                head(out, 2, b.len() as u64);
                out.extend_from_slice(b);
            }
            Self::Text(t) => {
                head(out, 3, t.len() as u64);
                out.extend_from_slice(t.as_bytes());
            }
            Self::Array(items) => {
                head(out, 4, items.len() as u64);
                for item in items {
                    item.encode_into(out);
                }
            }
            Self::Map(entries) => {
                head(out, 5, entries.len() as u64);
                let mut sorted: Vec<(Vec<u8>, &Value<'_>)> =
                    entries.iter().map(|(k, v)| (k.encode(), v)).collect();
                sorted.sort_by(|a, b| a.0.cmp(&b.0));
                debug_assert!(
                    sorted.windows(2).all(|w| w[0].0 != w[1].0),
                    "a map has one key twice"
                );
                for (key, value) in sorted {
                    out.extend_from_slice(&key);
                    value.encode_into(out);
                }
            }
            Self::Tag(tag, item) => {
                head(out, 6, *tag);
                item.encode_into(out);
            }
            Self::Bool(b) => out.push(if *b { 0xf5 } else { 0xf4 }),
            Self::Null => out.push(0xf6),
        }
    }

    /// Reads exactly one item in core deterministic encoding.
    ///
    /// # Errors
    /// Any other encoding of an item, kinds of item that are not used here, nesting beyond
    /// [`MAX_DEPTH`], more than [`MAX_ITEMS`] items, and bytes after the item are refused.
    pub fn decode(input: &'a [u8]) -> Result<Self, CodecError> {
        Self::read(input, Dialect::Deterministic)
    }

    /// Reads exactly one item of somebody else's document: as [`decode`](Self::decode), but the
    /// keys of a map may stand in any order, each once, and are kept in that order. What it reads
    /// must never be hashed or verified by encoding it again.
    ///
    /// # Errors
    /// Those of [`decode`](Self::decode), but for the order of keys.
    pub fn decode_unordered(input: &'a [u8]) -> Result<Self, CodecError> {
        Self::read(input, Dialect::AnyOrder)
    }

    /// Reads exactly one item of a document that was written as a stream: as
    /// [`decode_unordered`](Self::decode_unordered), but arrays and maps may also be of indefinite
    /// length, ended by a break (RFC 8949 section 3.2.2). Strings may not.
    ///
    /// # Errors
    /// Those of [`decode_unordered`](Self::decode_unordered), but for arrays and maps of
    /// indefinite length.
    pub fn decode_streamed(input: &'a [u8]) -> Result<Self, CodecError> {
        Self::read(input, Dialect::Streamed)
    }

    fn read(input: &'a [u8], dialect: Dialect) -> Result<Self, CodecError> {
        let mut reader = Reader {
            input,
            at: 0,
            items_left: MAX_ITEMS,
            dialect,
        };
        let value = reader.item(0)?;
        match input.len() - reader.at {
            0 => Ok(value),
            extra => Err(CodecError::Trailing { extra }),
        }
    }
}

/// Writes an item's head in the shortest form (RFC 8949 section 4.2.1).
#[expect(
    clippy::cast_possible_truncation,
    reason = "each arm's range fits its type"
)]
fn head(out: &mut Vec<u8>, major: u8, n: u64) {
    let major = major << 5;
    match n {
        0..=23 => out.push(major | n as u8),
        24..=0xff => out.extend_from_slice(&[major | 24, n as u8]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend_from_slice(&(n as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend_from_slice(&(n as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&n.to_be_bytes());
        }
    }
}

/// Which encodings are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// Core deterministic encoding.
    Deterministic,
    /// Keys of a map in any order.
    AnyOrder,
    /// That, and arrays and maps of indefinite length.
    Streamed,
}

/// The byte that ends an array or map of indefinite length.
const BREAK: u8 = 0xff;

struct Reader<'a> {
    input: &'a [u8],
    at: usize,
    items_left: usize,
    dialect: Dialect,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: u64) -> Result<&'a [u8], CodecError> {
        let truncated = CodecError::Truncated {
            at: self.input.len(),
        };
        let n = usize::try_from(n).map_err(|_| truncated.clone())?;
        let end = self.at.checked_add(n).ok_or_else(|| truncated.clone())?;
        let taken = self.input.get(self.at..end).ok_or(truncated)?;
        self.at = end;
        Ok(taken)
    }

    fn argument(&mut self, initial: u8, at: usize) -> Result<u64, CodecError> {
        let (width, least) = match initial & 0x1f {
            low @ 0..=23 => return Ok(u64::from(low)),
            24 => (1, 24),
            25 => (2, 0x100),
            26 => (4, 0x1_0000),
            27 => (8, 0x1_0000_0000),
            31 => {
                return Err(CodecError::NotDeterministic {
                    at,
                    why: "indefinite length",
                });
            }
            _ => return Err(CodecError::Unsupported { at, initial }),
        };
        let n = self
            .take(width)?
            .iter()
            .fold(0u64, |n, b| (n << 8) | u64::from(*b));
        if n < least {
            return Err(CodecError::NotDeterministic {
                at,
                why: "a longer head than needed",
            });
        }
        Ok(n)
    }

    fn item(&mut self, depth: usize) -> Result<Value<'a>, CodecError> {
        let at = self.at;
        if depth > MAX_DEPTH {
            return Err(CodecError::TooDeep { at, max: MAX_DEPTH });
        }
        let too_many = CodecError::TooMany { max: MAX_ITEMS };
        self.items_left = self.items_left.checked_sub(1).ok_or(too_many)?;
        let initial = self
            .take(1)?
            .first()
            .copied()
            .ok_or(CodecError::Truncated { at })?;
        match initial {
            0xf4 => return Ok(Value::Bool(false)),
            0xf5 => return Ok(Value::Bool(true)),
            0xf6 => return Ok(Value::Null),
            0xe0..=0xff => return Err(CodecError::Unsupported { at, initial }),
            _ => {}
        }
        if self.dialect == Dialect::Streamed {
            match initial {
                0x9f => return self.array(None, depth),
                0xbf => return self.map(None, depth),
                _ => {}
            }
        }
        let n = self.argument(initial, at)?;
        match initial >> 5 {
            0 => Ok(Value::Uint(n)),
            1 => Ok(Value::Nint(n)),
            2 => Ok(Value::bytes(self.take(n)?)),
            3 => {
                let at = self.at;
                let text =
                    std::str::from_utf8(self.take(n)?).map_err(|_| CodecError::NotUtf8 { at })?;
                Ok(Value::text(text))
            }
            4 => self.array(Some(n), depth),
            5 => self.map(Some(n), depth),
            _ => Ok(Value::Tag(n, Box::new(self.item(depth + 1)?))),
        }
    }

    /// Whether another element follows: counts down, or looks for the break where there is no
    /// count.
    fn more(&mut self, left: &mut Option<u64>) -> bool {
        match left {
            Some(0) => false,
            Some(n) => {
                *n -= 1;
                true
            }
            None if self.input.get(self.at) == Some(&BREAK) => {
                self.at += 1;
                false
            }
            None => true,
        }
    }

    fn array(&mut self, mut left: Option<u64>, depth: usize) -> Result<Value<'a>, CodecError> {
        let mut items = Vec::with_capacity(self.plausible(left));
        while self.more(&mut left) {
            items.push(self.item(depth + 1)?);
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, mut left: Option<u64>, depth: usize) -> Result<Value<'a>, CodecError> {
        let mut entries = Vec::with_capacity(self.plausible(left));
        let mut previous: Option<&[u8]> = None;
        // Every head is the shortest, so that one key has one encoding.
        let mut seen: BTreeSet<&[u8]> = BTreeSet::new();
        while self.more(&mut left) {
            let at = self.at;
            let key = self.item(depth + 1)?;
            let encoded = self.input.get(at..self.at).unwrap_or_default();
            let why = match self.dialect {
                Dialect::Deterministic if previous.is_some_and(|previous| previous >= encoded) => {
                    "map keys are not in ascending order, or one is there twice"
                }
                Dialect::Deterministic => "",
                Dialect::AnyOrder | Dialect::Streamed if !seen.insert(encoded) => {
                    "a map has one key twice"
                }
                Dialect::AnyOrder | Dialect::Streamed => "",
            };
            if !why.is_empty() {
                return Err(CodecError::NotDeterministic { at, why });
            }
            previous = Some(encoded);
            entries.push((key, self.item(depth + 1)?));
        }
        Ok(Value::Map(entries))
    }

    /// How many items to reserve for: every item takes at least a byte, so a claimed count can
    /// never make us allocate more than the input itself justifies.
    fn plausible(&self, n: Option<u64>) -> usize {
        usize::try_from(n.unwrap_or_default())
            .unwrap_or(usize::MAX)
            .min(self.input.len() - self.at)
            .min(64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        crate::hex_decode(hex).unwrap()
    }

    #[test]
    fn rfc_8949_appendix_a() {
        for (hex, value) in [
            ("00", Value::Uint(0)),
            ("17", Value::Uint(23)),
            ("1818", Value::Uint(24)),
            ("190100", Value::Uint(256)),
            ("1a000f4240", Value::Uint(1_000_000)),
            ("1bffffffffffffffff", Value::Uint(u64::MAX)),
            ("20", Value::Nint(0)),
            ("3903e7", Value::Nint(999)),
            ("f4", Value::Bool(false)),
            ("f6", Value::Null),
            ("4401020304", Value::bytes(&[1, 2, 3, 4])),
            ("62c3bc", Value::text("\u{fc}")),
            (
                "83010203",
                Value::Array(vec![Value::Uint(1), Value::Uint(2), Value::Uint(3)]),
            ),
            (
                "d82045676f6f6421",
                Value::Tag(32, Box::new(Value::bytes(b"good!"))),
            ),
        ] {
            assert_eq!(value.encode(), bytes(hex), "{hex}");
            assert_eq!(Value::decode(&bytes(hex)).unwrap(), value, "{hex}");
        }
    }

    #[test]
    fn map_keys_are_sorted_by_encoding() {
        let map = Value::map([
            ("aa", Value::Uint(1)),
            ("b", Value::Uint(2)),
            ("a", Value::Uint(3)),
        ]);
        assert_eq!(
            crate::hex_encode(&map.encode()),
            "a36161036162026261610".to_owned() + "1"
        );
    }

    #[test]
    fn every_other_encoding_is_refused() {
        for (hex, why) in [
            ("1817", "longer head"),
            ("190017", "longer head"),
            ("1a0000ffff", "longer head"),
            ("1b00000000ffffffff", "longer head"),
            ("5f42010243030405ff", "indefinite"),
            ("9fff", "indefinite"),
            ("a2616201616102", "order"),
            ("a2616101616102", "twice"),
            ("f7", "undefined"),
            ("f90000", "float"),
            ("f818", "simple"),
            ("1c", "reserved"),
            ("61ff", "not UTF-8"),
            ("8201", "truncated"),
            ("0000", "trailing"),
            ("", "empty"),
            ("5bffffffffffffffff00", "length beyond memory"),
            ("9bffffffffffffffff00", "count beyond memory"),
        ] {
            assert!(Value::decode(&bytes(hex)).is_err(), "{hex}: {why}");
        }
        assert!(matches!(
            Value::decode(&[0x81; 40]),
            Err(CodecError::TooDeep { .. })
        ));
    }

    #[test]
    fn others_may_order_keys_as_they_like() {
        let unordered = bytes("a2616201616102");
        let Value::Map(entries) = Value::decode_unordered(&unordered).unwrap() else {
            panic!("a map is read as one");
        };
        assert_eq!(entries[0], (Value::text("b"), Value::Uint(1)));
        for (hex, why) in [
            ("a3616101616202616103", "twice"),
            ("a20a01180a02", "twice, in a longer head"),
            ("bf616101ff", "indefinite"),
            ("0000", "trailing"),
        ] {
            assert!(
                Value::decode_unordered(&bytes(hex)).is_err(),
                "{hex}: {why}"
            );
        }
    }

    #[test]
    fn a_stream_may_end_arrays_and_maps_by_a_break() {
        for (streamed, counted) in [
            ("9fff", "80"),
            ("9f0102ff", "820102"),
            ("bfff", "a0"),
            ("bf61629f01ff616102ff", "a261628101616102"),
        ] {
            assert_eq!(
                Value::decode_streamed(&bytes(streamed)),
                Value::decode_unordered(&bytes(counted)),
            );
            assert!(Value::decode_unordered(&bytes(streamed)).is_err());
        }
        for (hex, why) in [
            ("ff", "a break alone"),
            ("81ff", "a break instead of an element"),
            ("9f01", "no break"),
            ("bf6161ff", "a key without a value"),
            ("bf616101616102ff", "a key twice"),
            ("5f4101ff", "a string in pieces"),
            ("9fffff", "trailing"),
        ] {
            assert!(Value::decode_streamed(&bytes(hex)).is_err(), "{hex}: {why}");
        }
    }

    #[test]
    fn a_document_has_a_limited_number_of_items() {
        // An array of `n` zeros, which are a byte each.
        let zeros = |n: usize| {
            let mut array = Vec::new();
            head(&mut array, 4, n as u64);
            array.resize(array.len() + n, 0);
            array
        };
        assert!(Value::decode(&zeros(MAX_ITEMS - 1)).is_ok());
        // Arrays in arrays, and keys of maps, count as well.
        let nested = [vec![0x82], zeros(MAX_ITEMS - 3), vec![0x80]].concat();
        assert!(Value::decode(&nested).is_ok());
        let too_many = CodecError::TooMany { max: MAX_ITEMS };
        for bytes in [
            zeros(MAX_ITEMS),
            [vec![0x82], zeros(MAX_ITEMS - 2), vec![0x80]].concat(),
            [vec![0xa1, 0x00], zeros(MAX_ITEMS - 2)].concat(),
        ] {
            assert_eq!(Value::decode(&bytes), Err(too_many.clone()));
        }
    }
}
