use adyton_codec::base64_encode;
use adyton_types::UnixTime;
use der::oid::ObjectIdentifier as Oid;

use crate::der_reader::tag;
use crate::oid::known;

/// One DER element.
#[must_use]
pub fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let len = value.len().to_be_bytes();
    let zeros = len.iter().take_while(|byte| **byte == 0).count();
    let digits = len.get(zeros..).unwrap_or_default();
    let mut out = vec![tag];
    match digits {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        _ => {
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            out.extend_from_slice(digits);
        }
    }
    out.extend_from_slice(value);
    out
}

/// SEQUENCE of the parts.
#[must_use]
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag::SEQUENCE, &parts.concat())
}

/// SET of the parts, in the order given.
#[must_use]
pub fn set(parts: &[&[u8]]) -> Vec<u8> {
    tlv(tag::SET, &parts.concat())
}

/// INTEGER with these contents, as they are.
#[must_use]
pub fn integer(contents: &[u8]) -> Vec<u8> {
    tlv(tag::INTEGER, contents)
}

/// BIT STRING with that many unused bits in the last byte.
#[must_use]
pub fn bit_string(unused: u8, bits: &[u8]) -> Vec<u8> {
    tlv(tag::BIT_STRING, &[&[unused], bits].concat())
}

/// OCTET STRING.
#[must_use]
pub fn octet_string(bytes: &[u8]) -> Vec<u8> {
    tlv(tag::OCTET_STRING, bytes)
}

/// BOOLEAN.
#[must_use]
pub fn boolean(value: bool) -> Vec<u8> {
    tlv(tag::BOOLEAN, &[if value { 0xff } else { 0 }])
}

/// NULL.
#[must_use]
pub fn null() -> Vec<u8> {
    tlv(tag::NULL, &[])
}

/// OBJECT IDENTIFIER.
#[must_use]
pub fn oid(oid: &Oid) -> Vec<u8> {
    tlv(tag::OID, oid.as_bytes())
}

/// UTF8String.
#[must_use]
pub fn utf8(text: &str) -> Vec<u8> {
    tlv(tag::UTF8_STRING, text.as_bytes())
}

/// Explicit `[n]`.
#[must_use]
pub fn explicit(n: u8, inner: &[u8]) -> Vec<u8> {
    tlv(tag::explicit(n), inner)
}

/// A Name of one commonName.
#[must_use]
pub fn name(common_name: &str) -> Vec<u8> {
    let pair = sequence(&[&oid(&known::COMMON_NAME), &utf8(common_name)]);
    sequence(&[&set(&[&pair])])
}

/// UTCTime until 2049, GeneralizedTime from then.
#[must_use]
pub fn time(time: UnixTime) -> Vec<u8> {
    let digits = digits(time);
    match digits.strip_prefix("20").or(digits.strip_prefix("19")) {
        Some(short) if digits.as_str() < "2050" => tlv(tag::UTC_TIME, short.as_bytes()),
        _ => generalized_time(time),
    }
}

/// GeneralizedTime in every year, as OCSP has it.
#[must_use]
pub fn generalized_time(time: UnixTime) -> Vec<u8> {
    tlv(tag::GENERALIZED_TIME, digits(time).as_bytes())
}

fn digits(time: UnixTime) -> String {
    let text = time.to_string();
    text.chars()
        .filter(|c| c.is_ascii_digit() || *c == 'Z')
        .collect()
}

/// PEM of certificates, in lines of 64 characters.
#[must_use]
pub fn pem(certificates: &[&[u8]]) -> String {
    let mut out = String::new();
    for der in certificates {
        out.push_str("-----BEGIN CERTIFICATE-----\n");
        for (at, c) in base64_encode(der).chars().enumerate() {
            if at > 0 && at.is_multiple_of(64) {
                out.push('\n');
            }
            out.push(c);
        }
        out.push_str("\n-----END CERTIFICATE-----\n");
    }
    out
}
