use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use adyton_codec::hex_encode;
use adyton_types::UnixTime;
use der::oid::ObjectIdentifier as Oid;

use crate::der_reader::{DerReader, Element, tag};
use crate::extension::{ExtensionRange, parse_extensions};
use crate::oid::known;
use crate::scheme::Scheme;
use crate::time::parse_time;
use crate::{BasicConstraints, Extension, KeyUsage, PkiError, PublicKey};

/// The largest certificate that is read. Those of TEE vendors take 0.6 to 2 KiB, a TPM maker's with
/// an RSA-4096 key under 4 KiB.
pub const MAX_CERTIFICATE_BYTES: usize = 16 * 1024;

/// Longest serial number: 20 bytes by RFC 5280 section 4.1.2.2, and a zero before them.
const MAX_SERIAL_BYTES: usize = 21;

/// An X.509 certificate of version 3 as received, its fields found and its form checked. Having one
/// does not tell you that anybody signed it: see [`verify_path`](crate::verify_path).
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

struct Parsed {
    raw: Box<[u8]>,
    signed: Range<usize>,
    serial: Range<usize>,
    issuer: Range<usize>,
    subject: Range<usize>,
    not_before: UnixTime,
    not_after: UnixTime,
    key: PublicKey,
    extensions: Vec<ExtensionRange>,
    basic_constraints: Option<BasicConstraints>,
    key_usage: Option<KeyUsage>,
    inner_algorithm: Range<usize>,
    outer_algorithm: Range<usize>,
    signature: Range<usize>,
}

const WHAT: &str = "certificate";

impl Certificate {
    /// Reads one certificate, all of `der` (RFC 5280 section 4.1).
    ///
    /// # Errors
    /// [`PkiError`] of class malformed: no DER, another version, bytes after it, an extension twice,
    /// a public key of a kind that is not supported.
    pub fn parse(der: &[u8]) -> Result<Self, PkiError> {
        if der.len() > MAX_CERTIFICATE_BYTES {
            return Err(PkiError::TooLarge {
                what: WHAT,
                max: MAX_CERTIFICATE_BYTES,
                found: der.len(),
            });
        }
        let at = |part: &[u8]| range_in(der, part);
        let mut outer = DerReader::single(der, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
        let signed = outer.expect(tag::SEQUENCE, WHAT)?;
        let outer_algorithm = outer.expect(tag::SEQUENCE, "signature algorithm")?;
        let signature = outer.any("signature")?.whole_bits("signature")?;
        outer.finish()?;

        let mut fields = signed.inside(tag::SEQUENCE, WHAT)?;
        version_3(fields.optional(tag::explicit(0), "version")?)?;
        let serial = fields.expect(tag::INTEGER, "serial number")?.value;
        if serial.is_empty() || serial.len() > MAX_SERIAL_BYTES {
            return Err(PkiError::Der {
                what: "serial number",
            });
        }
        let inner_algorithm = fields.expect(tag::SEQUENCE, "signature algorithm")?;
        let issuer = fields.expect(tag::SEQUENCE, "issuer")?.raw;
        let mut validity = fields.any("validity")?.inside(tag::SEQUENCE, "validity")?;
        let not_before = parse_time(validity.any("not before")?, "not before")?;
        let not_after = parse_time(validity.any("not after")?, "not after")?;
        validity.finish()?;
        let subject = fields.expect(tag::SEQUENCE, "subject")?.raw;
        let key = PublicKey::from_spki(fields.any("subject public key info")?.raw)?;
        fields.optional(tag::implicit(1), "issuer unique id")?;
        fields.optional(tag::implicit(2), "subject unique id")?;
        let extensions = match fields.optional(tag::explicit(3), "extensions")? {
            Some(wrapped) => {
                let list = DerReader::single(wrapped.value, tag::SEQUENCE, "extensions")?;
                parse_extensions(list.inside(tag::SEQUENCE, "extensions")?)?
            }
            None => Vec::new(),
        };
        fields.finish()?;

        let value = |oid| extensions.iter().find(|e| e.oid == oid).map(|e| e.value);
        let basic_constraints = value(known::BASIC_CONSTRAINTS)
            .map(BasicConstraints::parse)
            .transpose()?;
        let key_usage = value(known::KEY_USAGE).map(KeyUsage::parse).transpose()?;
        Ok(Self(Arc::new(Parsed {
            signed: at(signed.raw),
            serial: at(serial),
            issuer: at(issuer),
            subject: at(subject),
            not_before,
            not_after,
            key,
            extensions: extensions.iter().map(|e| located(der, e)).collect(),
            basic_constraints,
            key_usage,
            inner_algorithm: at(inner_algorithm.raw),
            outer_algorithm: at(outer_algorithm.raw),
            signature: at(signature),
            raw: der.into(),
        })))
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.0.raw.get(range.clone()).unwrap_or_default()
    }

    /// The bytes as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.raw
    }

    /// The contents of the serial number's INTEGER.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.part(&self.0.serial)
    }

    /// The issuer's Name in DER.
    #[must_use]
    pub fn issuer(&self) -> &[u8] {
        self.part(&self.0.issuer)
    }

    /// The subject's Name in DER.
    #[must_use]
    pub fn subject(&self) -> &[u8] {
        self.part(&self.0.subject)
    }

    /// The subject's one commonName; `None` if it has none, several, or one that is no text.
    #[must_use]
    pub fn subject_common_name(&self) -> Option<&str> {
        common_name(self.subject())
    }

    /// The issuer's one commonName, likewise.
    #[must_use]
    pub fn issuer_common_name(&self) -> Option<&str> {
        common_name(self.issuer())
    }

    /// The first second at which it is valid.
    #[must_use]
    pub fn not_before(&self) -> UnixTime {
        self.0.not_before
    }

    /// The last second at which it is valid.
    #[must_use]
    pub fn not_after(&self) -> UnixTime {
        self.0.not_after
    }

    /// The subject's public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.0.key
    }

    /// All extensions, in order.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'_>> {
        self.0.extensions.iter().map(|e| Extension {
            oid: e.oid,
            critical: e.critical,
            value: self.part(&e.value),
        })
    }

    /// The bytes inside the OCTET STRING of an extension.
    #[must_use]
    pub fn extension(&self, oid: &Oid) -> Option<&[u8]> {
        let found = self.0.extensions.iter().find(|e| e.oid == *oid)?;
        Some(self.part(&found.value))
    }

    /// The basicConstraints extension.
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.0.basic_constraints
    }

    /// Whether basicConstraints say that it is a CA.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.0.basic_constraints.is_some_and(|found| found.ca)
    }

    /// The keyUsage extension.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.key_usage
    }

    /// The signed part, TBSCertificate, as received.
    #[must_use]
    pub fn signed_part(&self) -> &[u8] {
        self.part(&self.0.signed)
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.part(&self.0.signature)
    }

    /// Whether that key signed it. That tells nothing of the key's right to: paths do.
    #[must_use]
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let scheme = self.scheme(0).ok();
        let algorithm = scheme.and_then(|scheme| scheme.with_key(key.kind()));
        algorithm.is_some_and(|algorithm| {
            let (message, signature) = (self.signed_part(), self.signature());
            key.verify(algorithm, message, signature, WHAT).is_ok()
        })
    }

    /// The signature's scheme, if both places that name it name the same, byte for byte (RFC 5280
    /// section 4.1.1.2).
    pub(crate) fn scheme(&self, index: usize) -> Result<Scheme, PkiError> {
        let outer = self.part(&self.0.outer_algorithm);
        if self.part(&self.0.inner_algorithm) != outer {
            return Err(PkiError::AlgorithmMismatch { index });
        }
        Scheme::parse(DerReader::single(
            outer,
            tag::SEQUENCE,
            "signature algorithm",
        )?)
    }

    /// Its serial number in hex, for messages.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        hex_encode(self.serial())
    }
}

impl PartialEq for Certificate {
    /// Byte for byte.
    fn eq(&self, other: &Self) -> bool {
        self.0.raw == other.0.raw
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.subject_common_name().unwrap_or("?");
        write!(f, "Certificate({name}, serial {})", self.serial_hex())
    }
}

fn version_3(version: Option<Element<'_>>) -> Result<(), PkiError> {
    let found = match version {
        Some(wrapped) => {
            DerReader::single(wrapped.value, tag::INTEGER, "version")?.u64("version")?
        }
        None => 0,
    };
    if found == 2 {
        Ok(())
    } else {
        Err(PkiError::Version {
            what: WHAT,
            expected: 3,
            found: found.saturating_add(1),
        })
    }
}

fn located(der: &[u8], extension: &Extension<'_>) -> ExtensionRange {
    ExtensionRange {
        oid: extension.oid,
        critical: extension.critical,
        value: range_in(der, extension.value),
    }
}

/// Where a part that was cut out of `whole` stands in it.
pub(crate) fn range_in(whole: &[u8], part: &[u8]) -> Range<usize> {
    let from = part.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
    from..from.wrapping_add(part.len())
}

/// The one commonName of a Name (RFC 5280 section 4.1.2.4).
pub(crate) fn common_name(name: &[u8]) -> Option<&str> {
    let mut parts = DerReader::single(name, tag::SEQUENCE, "name")
        .ok()?
        .inside(tag::SEQUENCE, "name")
        .ok()?;
    let mut found = None;
    while !parts.is_empty() {
        let mut set = parts.any("name").ok()?.inside(tag::SET, "name").ok()?;
        while !set.is_empty() {
            let mut pair = set.any("name").ok()?.inside(tag::SEQUENCE, "name").ok()?;
            let oid = pair.any("name").ok()?.oid("name").ok()?;
            let value = pair.any("name").ok()?;
            if oid == known::COMMON_NAME {
                let is_text = matches!(value.tag, tag::UTF8_STRING | tag::PRINTABLE_STRING);
                if found.is_some() || !is_text {
                    return None;
                }
                found = Some(std::str::from_utf8(value.value).ok()?);
            }
        }
    }
    found
}
