use std::ops::Range;

use der::oid::ObjectIdentifier as Oid;

use crate::PkiError;
use crate::der_reader::{DerReader, tag};

/// One extension, as it stands in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Which extension.
    pub oid: Oid,
    /// Whether who does not understand it must refuse the certificate.
    pub critical: bool,
    /// The bytes inside its OCTET STRING.
    pub value: &'a [u8],
}

/// Where an extension stands in the bytes of its certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExtensionRange {
    pub(crate) oid: Oid,
    pub(crate) critical: bool,
    pub(crate) value: Range<usize>,
}

/// Reads `SEQUENCE OF Extension` (RFC 5280 section 4.1.2.9), each kind once.
pub(crate) fn parse_extensions<'a>(
    mut list: DerReader<'a>,
) -> Result<Vec<Extension<'a>>, PkiError> {
    const WHAT: &str = "extension";
    let mut found: Vec<Extension<'a>> = Vec::new();
    while !list.is_empty() {
        let mut fields = list.any(WHAT)?.inside(tag::SEQUENCE, WHAT)?;
        let oid = fields.any(WHAT)?.oid(WHAT)?;
        let critical = match fields.optional(tag::BOOLEAN, WHAT)? {
            Some(flag) => match flag.boolean(WHAT)? {
                true => true,
                // DEFAULT FALSE is left out in DER (X.690 section 11.5).
                false => return Err(PkiError::Der { what: WHAT }),
            },
            None => false,
        };
        let value = fields.expect(tag::OCTET_STRING, WHAT)?.value;
        fields.finish()?;
        if found.iter().any(|earlier| earlier.oid == oid) {
            return Err(PkiError::DuplicateExtension {
                oid: oid.to_string(),
            });
        }
        found.push(Extension {
            oid,
            critical,
            value,
        });
    }
    Ok(found)
}

/// basicConstraints (RFC 5280 section 4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the key may sign certificates.
    pub ca: bool,
    /// How many further CAs may follow, where that is limited.
    pub path_len: Option<u64>,
}

impl BasicConstraints {
    pub(crate) fn parse(value: &[u8]) -> Result<Self, PkiError> {
        const WHAT: &str = "basic constraints";
        let mut fields =
            DerReader::single(value, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
        // Some issuers write the default FALSE out; it means the same, and the bytes are signed.
        let ca = match fields.optional(tag::BOOLEAN, WHAT)? {
            Some(flag) => flag.boolean(WHAT)?,
            None => false,
        };
        let path_len = match fields.optional(tag::INTEGER, WHAT)? {
            Some(number) => Some(number.u64(WHAT)?),
            None => None,
        };
        fields.finish()?;
        Ok(Self { ca, path_len })
    }
}

/// keyUsage (RFC 5280 section 4.2.1.3): what a key may be used for. Bit 0 is the least significant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// Verifying signatures that are not on certificates or revocation lists.
    pub const DIGITAL_SIGNATURE: Self = Self(1);
    /// contentCommitment, once nonRepudiation.
    pub const CONTENT_COMMITMENT: Self = Self(1 << 1);
    /// Wrapping keys.
    pub const KEY_ENCIPHERMENT: Self = Self(1 << 2);
    /// Agreeing on keys.
    pub const KEY_AGREEMENT: Self = Self(1 << 4);
    /// Verifying signatures on certificates.
    pub const CERT_SIGN: Self = Self(1 << 5);
    /// Verifying signatures on revocation lists.
    pub const CRL_SIGN: Self = Self(1 << 6);

    /// Whether it allows everything that `other` does.
    #[must_use]
    pub const fn allows(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What either allows.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The name of its lowest bit.
    pub(crate) const fn name(self) -> &'static str {
        match self.0.trailing_zeros() {
            0 => "digitalSignature",
            1 => "contentCommitment",
            2 => "keyEncipherment",
            3 => "dataEncipherment",
            4 => "keyAgreement",
            5 => "keyCertSign",
            6 => "cRLSign",
            _ => "another usage",
        }
    }

    /// What `needed` asks for and this does not allow.
    pub(crate) const fn lacks(self, needed: Self) -> Self {
        Self(needed.0 & !self.0)
    }

    pub(crate) fn parse(value: &[u8]) -> Result<Self, PkiError> {
        const WHAT: &str = "key usage";
        let wrong = PkiError::Der { what: WHAT };
        let (unused, bits) = match DerReader::single(value, tag::BIT_STRING, WHAT)?.value {
            [unused, first] => (*unused, [*first, 0]),
            [unused, first, second] => (*unused, [*first, *second]),
            _ => return Err(wrong),
        };
        let last = if value.len() == 4 { bits[0] } else { bits[1] };
        let tail = 1u16
            .checked_shl(u32::from(unused))
            .unwrap_or(0)
            .wrapping_sub(1);
        if unused > 7 || u16::from(last) & tail != 0 {
            return Err(wrong);
        }
        let [first, second] = bits.map(u8::reverse_bits);
        Ok(Self(u16::from(first) | u16::from(second) << 8))
    }
}
