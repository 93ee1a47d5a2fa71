//! Blind signatures with RSA-2048, SHA-384 and a salt of 48 bytes (RFC 9474, suite
//! RSABSSA-SHA384-PSS-Deterministic). Arithmetic is the `rsa` crate's.

use adyton_crypto::{CryptoRng, SecretBytes, random, sha384};
use rsa::hazmat::rsa_encrypt;
use rsa::pss::{Signature, VerifyingKey};
use rsa::signature::hazmat::PrehashVerifier as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, PublicKey};

use crate::error::TokenError;

/// Bytes of the modulus, and so of a signature.
pub(crate) const MODULUS_BYTES: usize = 256;
const MODULUS_BITS: u32 = 2048;
const HASH_BYTES: usize = 48;
const SALT_BYTES: usize = 48;
/// Bytes of the masked data block.
const BLOCK_BYTES: usize = MODULUS_BYTES - HASH_BYTES - 1;

/// A message as the issuer sees it, and what undoes the blinding (RFC 9474 section 4.2).
pub(crate) fn blind(
    key: &PublicKey,
    message: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<([u8; MODULUS_BYTES], SecretBytes), TokenError> {
    let salt = random::<SALT_BYTES>(rng);
    let encoded = number(&encode(message, salt.expose()))?;
    let n = key.n();
    // A message that shares a factor with the modulus would be the end of the issuer's key.
    if Option::<BoxedUint>::from(encoded.invert_mod(n)).is_none() {
        return Err(TokenError::Key);
    }
    loop {
        let factor = number(random::<MODULUS_BYTES>(rng).expose())?;
        if factor >= *n.as_ref() {
            continue;
        }
        let Some(inverse) = Option::<BoxedUint>::from(factor.invert_mod(n)) else {
            continue;
        };
        let factor = rsa_encrypt(key, &factor).map_err(|_| TokenError::Key)?;
        let blinded = encoded.mul_mod(&factor, n);
        return Ok((bytes(&blinded), SecretBytes::new(bytes(&inverse).to_vec())));
    }
}

/// The signature under a blind one (RFC 9474 section 4.4); it is verified.
pub(crate) fn finish(
    key: &PublicKey,
    message: &[u8],
    signed: &[u8; MODULUS_BYTES],
    inverse: &SecretBytes,
) -> Result<[u8; MODULUS_BYTES], TokenError> {
    let (signed, inverse) = (number(signed)?, number(inverse.expose())?);
    let n = key.n();
    if signed >= *n.as_ref() || inverse >= *n.as_ref() {
        return Err(TokenError::Invalid);
    }
    let signature = bytes(&signed.mul_mod(&inverse, n));
    verify(key, message, &signature)?;
    Ok(signature)
}

/// Verifies an ordinary RSASSA-PSS signature (RFC 8017 section 8.1.2).
pub(crate) fn verify(
    key: &PublicKey,
    message: &[u8],
    signature: &[u8; MODULUS_BYTES],
) -> Result<(), TokenError> {
    let key = VerifyingKey::<sha2::Sha384>::new_with_salt_len(key.clone(), SALT_BYTES);
    let signature = Signature::try_from(signature.as_slice());
    let signature = signature.map_err(|_| TokenError::Invalid)?;
    let verified = key.verify_prehash(&sha384(&[message]), &signature);
    verified.map_err(|_| TokenError::Invalid)
}

/// A number of 2048 bits, from its bytes.
pub(crate) fn number(bytes: &[u8]) -> Result<BoxedUint, TokenError> {
    BoxedUint::from_be_slice(bytes, MODULUS_BITS).map_err(|_| TokenError::Form("number"))
}

/// Its bytes again, with zeros in front.
pub(crate) fn bytes(number: &BoxedUint) -> [u8; MODULUS_BYTES] {
    let mut bytes = [0; MODULUS_BYTES];
    let significant = number.to_be_bytes();
    for (to, from) in bytes.iter_mut().rev().zip(significant.iter().rev()) {
        *to = *from;
    }
    bytes
}

/// EMSA-PSS (RFC 8017 section 9.1.1) for a modulus of 2048 bits.
fn encode(message: &[u8], salt: &[u8; SALT_BYTES]) -> [u8; MODULUS_BYTES] {
    let hash = sha384(&[&[0; 8], &sha384(&[message]), salt]);
    let mut encoded = [0; MODULUS_BYTES];
    let (block, rest) = encoded.split_at_mut(BLOCK_BYTES);
    block[BLOCK_BYTES - SALT_BYTES - 1] = 1;
    block[BLOCK_BYTES - SALT_BYTES..].copy_from_slice(salt);
    // MGF1 (RFC 8017 appendix B.2.1).
    for (counter, chunk) in (0_u32..).zip(block.chunks_mut(HASH_BYTES)) {
        let mask = sha384(&[&hash, &counter.to_be_bytes()]);
        chunk
            .iter_mut()
            .zip(mask)
            .for_each(|(byte, mask)| *byte ^= mask);
    }
    // The modulus has one bit more than what is encoded.
    block[0] &= 0x7f;
    rest[..HASH_BYTES].copy_from_slice(&hash);
    rest[HASH_BYTES] = 0xbc;
    encoded
}
