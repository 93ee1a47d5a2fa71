use hkdf::Hkdf;
use sha2::Sha256;

use crate::SecretArray;

/// HKDF-SHA256 (RFC 5869): a key of `N` bytes for one use, from keying material.
///
/// `info` names the use; callers give each use its own label and put variable parts behind a
/// length or a fixed-size digest, so that no two uses can meet.
///
/// # Panics
/// Never: `N` is checked at compile time against the limit of RFC 5869 section 2.3 (8,160 bytes).
#[must_use]
pub fn hkdf_sha256<const N: usize>(ikm: &[u8], salt: &[u8], info: &[&[u8]]) -> SecretArray<N> {
    const { assert!(N <= 255 * 32) };
    SecretArray::fill_with(|out| {
        Hkdf::<Sha256>::new(Some(salt), ikm)
            .expand_multi_info(info, out)
            .expect("the length is within RFC 5869's limit, asserted above");
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use adyton_codec::{hex_decode, hex_encode};

    #[test]
    fn rfc_5869_a_1() {
        let ikm = [0x0b; 22];
        let salt = hex_decode("000102030405060708090a0b0c").unwrap();
        let info = hex_decode("f0f1f2f3f4f5f6f7f8f9").unwrap();
        let okm = hkdf_sha256::<42>(&ikm, &salt, &[&info[..3], &info[3..]]);
        assert_eq!(
            hex_encode(okm.expose()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        );
    }
}
