/// Decodes what is percent-encoded (RFC 3986 section 2.1), as Intel's services write certificate
/// chains into headers; `None` if an escape is none.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = char::from(rest.next()?).to_digit(16)?;
        let low = char::from(rest.next()?).to_digit(16)?;
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_or_refused() {
        for (text, decoded) in [
            ("", Some("")),
            (
                "-----BEGIN%20CERTIFICATE-----%0AMII%2b",
                Some("-----BEGIN CERTIFICATE-----\nMII+"),
            ),
            ("a+b", Some("a+b")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
        ] {
            assert_eq!(
                decode(text).as_deref(),
                decoded.map(str::as_bytes),
                "{text}"
            );
        }
    }
}
