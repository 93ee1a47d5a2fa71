use der::oid::ObjectIdentifier as Oid;
use der::{Decode as _, Header, Reader as _, SliceReader};

use crate::PkiError;

/// Identifier octets (X.690 section 8.1.2) that certificates are made of.
pub mod tag {
    /// BOOLEAN.
    pub const BOOLEAN: u8 = 0x01;
    /// INTEGER.
    pub const INTEGER: u8 = 0x02;
    /// BIT STRING.
    pub const BIT_STRING: u8 = 0x03;
    /// OCTET STRING.
    pub const OCTET_STRING: u8 = 0x04;
    /// NULL.
    pub const NULL: u8 = 0x05;
    /// OBJECT IDENTIFIER.
    pub const OID: u8 = 0x06;
    /// ENUMERATED.
    pub const ENUMERATED: u8 = 0x0a;
    /// UTF8String.
    pub const UTF8_STRING: u8 = 0x0c;
    /// PrintableString.
    pub const PRINTABLE_STRING: u8 = 0x13;
    /// IA5String.
    pub const IA5_STRING: u8 = 0x16;
    /// UTCTime.
    pub const UTC_TIME: u8 = 0x17;
    /// GeneralizedTime.
    pub const GENERALIZED_TIME: u8 = 0x18;
    /// SEQUENCE.
    pub const SEQUENCE: u8 = 0x30;
    /// SET.
    pub const SET: u8 = 0x31;

    /// Context-specific, constructed: an explicit `[n]`.
    #[must_use]
    pub const fn explicit(n: u8) -> u8 {
        0xa0 | n
    }

    /// Context-specific, primitive: an implicit `[n]` of a primitive type.
    #[must_use]
    pub const fn implicit(n: u8) -> u8 {
        0x80 | n
    }
}

/// One DER element, as received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// The identifier octet; never one that announces a longer tag.
    pub tag: u8,
    /// The contents.
    pub value: &'a [u8],
    /// Header and contents: what a signature over the element is made of.
    pub raw: &'a [u8],
}

impl<'a> Element<'a> {
    /// Reads the elements inside a constructed one.
    ///
    /// # Errors
    /// [`PkiError::Der`] if the tag is another; `what` names the field in it.
    pub fn inside(self, tag: u8, what: &'static str) -> Result<DerReader<'a>, PkiError> {
        DerReader::new(self.is(tag, what)?.value, what)
    }

    /// The element itself, if it has this tag.
    ///
    /// # Errors
    /// [`PkiError::Der`].
    pub fn is(self, tag: u8, what: &'static str) -> Result<Self, PkiError> {
        if self.tag == tag {
            Ok(self)
        } else {
            Err(PkiError::Der { what })
        }
    }

    /// The bytes of a non-negative INTEGER, without the zero that keeps it positive.
    ///
    /// # Errors
    /// [`PkiError::Der`] for anything else, and for an encoding that is not the shortest.
    pub fn unsigned(self, what: &'static str) -> Result<&'a [u8], PkiError> {
        let wrong = PkiError::Der { what };
        match self.is(tag::INTEGER, what)?.value {
            [0] => Ok(&[0]),
            [0, rest @ ..] => match rest {
                [high, ..] if *high >= 0x80 => Ok(rest),
                _ => Err(wrong),
            },
            value @ [high, ..] if *high < 0x80 => Ok(value),
            _ => Err(wrong),
        }
    }

    /// A non-negative INTEGER below 2^64.
    ///
    /// # Errors
    /// [`PkiError::Der`].
    pub fn u64(self, what: &'static str) -> Result<u64, PkiError> {
        let bytes = self.unsigned(what)?;
        if bytes.len() > 8 {
            return Err(PkiError::Der { what });
        }
        Ok(bytes.iter().fold(0, |n, byte| (n << 8) | u64::from(*byte)))
    }

    /// An OBJECT IDENTIFIER.
    ///
    /// # Errors
    /// [`PkiError::Der`].
    pub fn oid(self, what: &'static str) -> Result<Oid, PkiError> {
        Oid::from_bytes(self.is(tag::OID, what)?.value).map_err(|_| PkiError::Der { what })
    }

    /// The bytes of a BIT STRING that has no unused bits.
    ///
    /// # Errors
    /// [`PkiError::Der`].
    pub fn whole_bits(self, what: &'static str) -> Result<&'a [u8], PkiError> {
        match self.is(tag::BIT_STRING, what)?.value {
            [0, rest @ ..] => Ok(rest),
            _ => Err(PkiError::Der { what }),
        }
    }

    /// A BOOLEAN (DER: 0x00 or 0xff only).
    ///
    /// # Errors
    /// [`PkiError::Der`].
    pub fn boolean(self, what: &'static str) -> Result<bool, PkiError> {
        match self.is(tag::BOOLEAN, what)?.value {
            [0] => Ok(false),
            [0xff] => Ok(true),
            _ => Err(PkiError::Der { what }),
        }
    }
}

/// Reads DER elements one after the other: definite lengths in their shortest form, nothing beyond
/// the end, tags of one byte.
#[derive(Debug, Clone)]
pub struct DerReader<'a> {
    /// What is not read yet.
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> DerReader<'a> {
    /// Reads `bytes`; `what` names them in errors.
    ///
    /// # Errors
    /// [`PkiError::Der`] if there are 2^28 bytes or more.
    pub fn new(bytes: &'a [u8], what: &'static str) -> Result<Self, PkiError> {
        SliceReader::new(bytes).map_err(|_| PkiError::Der { what })?;
        Ok(Self { rest: bytes, what })
    }

    /// The next element, of any tag.
    ///
    /// # Errors
    /// [`PkiError::Der`].
    pub fn any(&mut self, what: &'static str) -> Result<Element<'a>, PkiError> {
        let wrong = |_| PkiError::Der { what };
        let mut reader = SliceReader::new(self.rest).map_err(wrong)?;
        let header = Header::decode(&mut reader).map_err(wrong)?;
        let value = reader.read_slice(header.length()).map_err(wrong)?;
        let read = usize::try_from(reader.position()).map_err(wrong)?;
        match (self.rest.first(), self.rest.split_at_checked(read)) {
            (Some(tag), Some((raw, rest))) if tag & 0x1f != 0x1f => {
                self.rest = rest;
                Ok(Element {
                    tag: *tag,
                    value,
                    raw,
                })
            }
            _ => Err(PkiError::Der { what }),
        }
    }

    /// The next element, which must have this tag.
    ///
    /// # Errors
    /// [`PkiError::Der`].
    pub fn expect(&mut self, tag: u8, what: &'static str) -> Result<Element<'a>, PkiError> {
        self.any(what)?.is(tag, what)
    }

    /// The next element if it has this tag, else nothing is read.
    ///
    /// # Errors
    /// [`PkiError::Der`] if the element with this tag is not well-formed.
    pub fn optional(
        &mut self,
        tag: u8,
        what: &'static str,
    ) -> Result<Option<Element<'a>>, PkiError> {
        if self.rest.first() == Some(&tag) {
            self.any(what).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Whether all is read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Ends.
    ///
    /// # Errors
    /// [`PkiError::Der`] if bytes are left.
    pub fn finish(self) -> Result<(), PkiError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(PkiError::Der { what: self.what })
        }
    }

    /// Reads exactly one element that is all of `bytes`.
    ///
    /// # Errors
    /// [`PkiError::Der`], bytes after the element included.
    pub fn single(bytes: &'a [u8], tag: u8, what: &'static str) -> Result<Element<'a>, PkiError> {
        let mut reader = Self::new(bytes, what)?;
        let element = reader.expect(tag, what)?;
        reader.finish()?;
        Ok(element)
    }
}
