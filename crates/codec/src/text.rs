use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

use crate::CodecError;

/// Lower-case hexadecimal.
#[must_use]
pub fn hex_encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n & 0xf)]);
    bytes
        .iter()
        .flat_map(|b| [digit(b >> 4), digit(*b)])
        .collect()
}

/// Reads lower-case hexadecimal; upper case, spaces and prefixes are refused, so that one value
/// has one spelling.
///
/// # Errors
/// [`CodecError::NotHex`].
pub fn hex_decode(text: &str) -> Result<Vec<u8>, CodecError> {
    let wrong = CodecError::NotHex {
        expected: 0,
        found: text.len(),
    };
    if !text.len().is_multiple_of(2) {
        return Err(wrong);
    }
    let nibble = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
            _ => None,
        })
        .collect::<Option<_>>()
        .ok_or(wrong)
}

/// Reads exactly `2 * N` lower-case hexadecimal digits.
///
/// # Errors
/// [`CodecError::NotHex`].
pub fn hex_array<const N: usize>(text: &str) -> Result<[u8; N], CodecError> {
    let wrong = CodecError::NotHex {
        expected: 2 * N,
        found: text.len(),
    };
    hex_decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(wrong)
}

/// Standard base64 with padding (RFC 4648 section 4).
#[must_use]
pub fn base64_encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads standard base64 with padding, canonical bits only (RFC 4648 sections 3.5 and 4).
///
/// # Errors
/// [`CodecError::NotBase64`].
pub fn base64_decode(text: &str) -> Result<Vec<u8>, CodecError> {
    STANDARD.decode(text).map_err(|_| CodecError::NotBase64)
}

/// Base64 for URLs and file names, without padding (RFC 4648 section 5; RFC 7515 section 2).
#[must_use]
pub fn base64url_encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64 for URLs, without padding, canonical bits only.
///
/// # Errors
/// [`CodecError::NotBase64`].
pub fn base64url_decode(text: &str) -> Result<Vec<u8>, CodecError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| CodecError::NotBase64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_has_one_spelling() {
        assert_eq!(hex_encode(&[0, 0x1f, 0xa5]), "001fa5");
        assert_eq!(hex_decode("001fa5").unwrap(), [0, 0x1f, 0xa5]);
        for wrong in ["0", "0G", "AB", "0x00", " 00", "\u{e9}"] {
            assert!(hex_decode(wrong).is_err(), "{wrong}");
        }
        assert!(hex_array::<2>("0011").is_ok());
        assert!(hex_array::<2>("00").is_err());
    }

    #[test]
    fn base64_is_canonical() {
        assert_eq!(base64_decode(&base64_encode(b"any")).unwrap(), b"any");
        for wrong in ["YQ", "YR==", "Y Q=", "YQ==\n"] {
            assert!(base64_decode(wrong).is_err(), "{wrong}");
        }
    }
    #[test]
    fn base64url_has_no_padding() {
        assert_eq!(base64url_encode(&[0xfb, 0xff]), "-_8");
        assert_eq!(base64url_decode("-_8").unwrap(), [0xfb, 0xff]);
        for wrong in ["-_8=", "+/8", "-_9", "-_8 "] {
            assert!(base64url_decode(wrong).is_err(), "{wrong}");
        }
    }
}
