//! Just enough DER (ITU-T X.690) to find one extension in a certificate (RFC 5280 section 4.1).
//!
//! The key of the handshake is read by rustls from the same bytes; nothing rests on the two readers
//! agreeing, since the card that is found here is authenticated by its digest, and names the key.

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::string_slice
    )
)]

const BOOLEAN: u8 = 0x01;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const EXTENSIONS: u8 = 0xa3;

/// Takes one element off: its tag, its contents. Definite lengths in the shortest form only.
fn element<'a>(input: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (tag, rest) = input.split_first()?;
    // Tags above 30 take more bytes; certificates have none.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let digits = usize::from(first & 0x7f);
        if digits == 0 || digits > 4 {
            return None;
        }
        let (bytes, rest) = rest.split_at_checked(digits)?;
        let length = bytes
            .iter()
            .fold(0_usize, |n, byte| n << 8 | usize::from(*byte));
        let shortest = bytes.first() != Some(&0) && length >= 0x80;
        if !shortest {
            return None;
        }
        (length, rest)
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    *input = rest;
    Some((*tag, contents))
}

fn expect<'a>(input: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    element(input).and_then(|(found, contents)| (found == tag).then_some(contents))
}

/// Expects an element and nothing behind it.
fn only(mut input: &[u8], tag: u8) -> Option<&[u8]> {
    let contents = expect(&mut input, tag)?;
    input.is_empty().then_some(contents)
}

/// The octets of the one extension with this object identifier (DER contents) in a certificate;
/// `None` if it is not there, there twice, or the certificate is not well-formed on the way to it.
pub(crate) fn extension<'a>(certificate: &'a [u8], oid: &[u8]) -> Option<&'a [u8]> {
    let mut certificate = only(certificate, SEQUENCE)?;
    let mut tbs = expect(&mut certificate, SEQUENCE)?;
    let mut list = loop {
        match element(&mut tbs)? {
            (EXTENSIONS, wrapped) if tbs.is_empty() => break only(wrapped, SEQUENCE)?,
            (EXTENSIONS, _) => return None,
            _ => {}
        }
    };
    let mut found = None;
    while !list.is_empty() {
        let mut extension = expect(&mut list, SEQUENCE)?;
        let name = expect(&mut extension, OID)?;
        let (mut tag, mut value) = element(&mut extension)?;
        if tag == BOOLEAN {
            (tag, value) = element(&mut extension)?;
        }
        if tag != OCTET_STRING || !extension.is_empty() {
            return None;
        }
        if name == oid && found.replace(value).is_some() {
            return None;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
        let contents = contents.concat();
        let mut out = vec![tag];
        match u8::try_from(contents.len()).unwrap() {
            short @ 0..=0x7f => out.push(short),
            long => out.extend([0x81, long]),
        }
        out.extend(contents);
        out
    }

    fn certificate(extensions: &[&[u8]]) -> Vec<u8> {
        let list = tlv(SEQUENCE, extensions);
        let tbs = tlv(SEQUENCE, &[&tlv(0x02, &[&[1]]), &tlv(EXTENSIONS, &[&list])]);
        tlv(SEQUENCE, &[&tbs, &tlv(SEQUENCE, &[]), &tlv(0x03, &[&[0]])])
    }

    fn entry(oid: &[u8], value: &[u8]) -> Vec<u8> {
        tlv(SEQUENCE, &[&tlv(OID, &[oid]), &tlv(OCTET_STRING, &[value])])
    }

    #[test]
    fn finds_the_one_extension() {
        let critical = tlv(
            SEQUENCE,
            &[
                &tlv(OID, &[&[7]]),
                &tlv(BOOLEAN, &[&[0xff]]),
                &tlv(OCTET_STRING, &[b"x"]),
            ],
        );
        let good = certificate(&[&critical, &entry(&[9], b"card")]);
        assert_eq!(extension(&good, &[9]), Some(b"card".as_slice()));
        assert_eq!(extension(&good, &[7]), Some(b"x".as_slice()));
        assert_eq!(extension(&good, &[8]), None);
        let twice = certificate(&[&entry(&[9], b"a"), &entry(&[9], b"b")]);
        assert_eq!(extension(&twice, &[9]), None);
    }

    #[test]
    fn every_truncation_and_loose_encoding_is_refused() {
        let good = certificate(&[&entry(&[9], &[0x41; 0x90])]);
        assert!(extension(&good, &[9]).is_some());
        for cut in 0..good.len() {
            assert_eq!(extension(&good[..cut], &[9]), None, "cut at {cut}");
        }
        assert_eq!(extension(&[good.as_slice(), &[0]].concat(), &[9]), None);
        // An indefinite length, a length with a leading zero, a long form for a short length.
        for head in [
            [0x30, 0x80].as_slice(),
            &[0x30, 0x82, 0, 1],
            &[0x30, 0x81, 1],
        ] {
            let mut input = &[head, &[0; 300]].concat()[..];
            assert_eq!(element(&mut input), None, "{head:x?}");
        }
    }
}
