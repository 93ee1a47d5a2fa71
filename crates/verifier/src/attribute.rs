use std::collections::BTreeMap;
use std::fmt;

use adyton_codec::hex_encode;

/// The value of a claim that only some kinds of TEE make.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute {
    /// Yes or no.
    Flag(bool),
    /// A number, or a vector of bits.
    Number(u64),
    /// A digest, an id, or what else is bytes.
    Bytes(Vec<u8>),
    /// A name or a version.
    Text(String),
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Bytes(bytes) => f.write_str(&hex_encode(bytes)),
            Self::Text(text) => text.escape_debug().fmt(f),
        }
    }
}

/// Attributes in the making.
#[derive(Default)]
pub(crate) struct Attributes(pub(crate) BTreeMap<String, Attribute>);

impl Attributes {
    pub(crate) fn flag(&mut self, name: &str, value: bool) {
        self.0.insert(name.to_owned(), Attribute::Flag(value));
    }

    pub(crate) fn number(&mut self, name: &str, value: impl Into<u64>) {
        let value = Attribute::Number(value.into());
        self.0.insert(name.to_owned(), value);
    }

    pub(crate) fn bytes(&mut self, name: &str, value: &[u8]) {
        let value = Attribute::Bytes(value.to_vec());
        self.0.insert(name.to_owned(), value);
    }

    /// Bytes that may be absent: no attribute then, so that a policy on it fails.
    pub(crate) fn maybe_bytes(&mut self, name: &str, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.bytes(name, value);
        }
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        let value = Attribute::Text(value.to_owned());
        self.0.insert(name.to_owned(), value);
    }
}
