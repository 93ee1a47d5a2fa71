use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{CryptoError, SecretArray};

fn mac(key: &SecretArray<32>, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac
}

/// HMAC-SHA256 (RFC 2104) over the parts, one after the other.
///
/// # Panics
/// Never: HMAC takes keys of any length.
#[must_use]
pub fn hmac_sha256(key: &SecretArray<32>, parts: &[&[u8]]) -> [u8; 32] {
    mac(key, parts).finalize().into_bytes().into()
}

/// Verifies an HMAC-SHA256 in constant time.
///
/// # Errors
/// [`CryptoError::Mac`].
///
/// # Panics
/// Never: HMAC takes keys of any length.
pub fn verify_hmac_sha256(
    key: &SecretArray<32>,
    parts: &[&[u8]],
    tag: &[u8; 32],
) -> Result<(), CryptoError> {
    mac(key, parts)
        .verify_slice(tag)
        .map_err(|_| CryptoError::Mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_part_or_tag_is_refused() {
        let key = SecretArray::fill_with(|bytes| bytes.fill(1));
        let tag = hmac_sha256(&key, &[b"a", b"b"]);
        assert_eq!(verify_hmac_sha256(&key, &[b"ab"], &tag), Ok(()));
        assert_eq!(
            verify_hmac_sha256(&key, &[b"ac"], &tag),
            Err(CryptoError::Mac)
        );
        let mut other = tag;
        other[31] ^= 1;
        assert_eq!(
            verify_hmac_sha256(&key, &[b"ab"], &other),
            Err(CryptoError::Mac)
        );
    }
}
