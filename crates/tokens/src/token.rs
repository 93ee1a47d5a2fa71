use std::fmt;

use adyton_crypto::{ct_eq, sha256};
use rsa::PublicKey;
use rsa::traits::PublicKeyParts as _;

use crate::blind::{self, MODULUS_BYTES};
use crate::error::TokenError;

/// Blind RSA, 2048 bits (RFC 9578 section 8.2.2).
pub(crate) const TOKEN_TYPE: u16 = 2;
/// Type, nonce, digest of the challenge, id of the key (RFC 9578 section 6.3).
pub(crate) const INPUT_BYTES: usize = 2 + 32 + 32 + 32;
/// Bytes of a token.
pub const TOKEN_BYTES: usize = INPUT_BYTES + MODULUS_BYTES;

/// A token (RFC 9577 section 2.2). Having one tells you nothing; see [`TokenKey::verify`].
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Box<[u8; TOKEN_BYTES]>);

impl Token {
    /// From its bytes.
    ///
    /// # Errors
    /// [`TokenError::Form`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TokenError> {
        let bytes: [u8; TOKEN_BYTES] = bytes.try_into().map_err(|_| TokenError::Form("token"))?;
        if bytes[..2] != TOKEN_TYPE.to_be_bytes() {
            return Err(TokenError::Form("token"));
        }
        Ok(Self(Box::new(bytes)))
    }

    pub(crate) fn new(input: &[u8; INPUT_BYTES], authenticator: &[u8]) -> Result<Self, TokenError> {
        Self::parse(&[input.as_slice(), authenticator].concat())
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; TOKEN_BYTES] {
        &self.0
    }

    /// What makes it one of its own: whoever takes tokens remembers these.
    ///
    /// # Panics
    /// Never: a token is longer than that.
    #[must_use]
    pub fn nonce(&self) -> &[u8; 32] {
        let (_, rest) = self.0.split_at(2);
        rest.first_chunk().expect("a token is longer than that")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What goes before and behind the modulus in the SubjectPublicKeyInfo of RFC 9578 section 6.5:
/// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes; the exponent is 65537.
const SPKI_HEAD: [u8; 81] = [
    0x30, 0x82, 0x01, 0x52, 0x30, 0x3d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
    0x0a, 0x30, 0x30, 0xa0, 0x0d, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
    0x02, 0x02, 0xa1, 0x1a, 0x30, 0x18, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
    0x08, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0xa2, 0x03,
    0x02, 0x01, 0x30, 0x03, 0x82, 0x01, 0x0f, 0x00, 0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01,
    0x00,
];
const SPKI_TAIL: [u8; 5] = [0x02, 0x03, 0x01, 0x00, 0x01];
const EXPONENT: u32 = 65_537;

/// An issuer's public key. Having one tells you that it is of the right kind and size.
#[derive(Clone)]
pub struct TokenKey {
    pub(crate) key: PublicKey,
    spki: Vec<u8>,
}

impl TokenKey {
    /// From its SubjectPublicKeyInfo with the algorithm RSASSA-PSS (RFC 9578 section 6.5). One key
    /// has one encoding, since the key's id is a digest of it.
    ///
    /// # Errors
    /// [`TokenError::Key`].
    pub fn from_spki(spki: &[u8]) -> Result<Self, TokenError> {
        let modulus = spki.strip_prefix(&SPKI_HEAD);
        let modulus = modulus.and_then(|rest| rest.strip_suffix(&SPKI_TAIL));
        match modulus {
            // The highest bit is set, so that the modulus has all its 2048 bits.
            Some(modulus @ [0x80..=0xff, ..]) if modulus.len() == MODULUS_BYTES => {
                let n = blind::number(modulus)?;
                let key = PublicKey::new(n, EXPONENT.into()).map_err(|_| TokenError::Key)?;
                let spki = spki.to_vec();
                Ok(Self { key, spki })
            }
            _ => Err(TokenError::Key),
        }
    }

    pub(crate) fn of(key: &PublicKey) -> Result<Self, TokenError> {
        let modulus = blind::bytes(key.n().as_ref());
        Self::from_spki(&[&SPKI_HEAD, modulus.as_slice(), &SPKI_TAIL].concat())
    }

    pub(crate) fn modulus(&self) -> &rsa::BoxedUint {
        self.key.n().as_ref()
    }

    /// Its SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// SHA-256 of that, by which tokens name it.
    #[must_use]
    pub fn id(&self) -> [u8; 32] {
        sha256(&[&self.spki])
    }

    /// Verifies that a token is this issuer's, and for this challenge. Whether it was spent before
    /// is another question.
    ///
    /// # Errors
    /// [`TokenError::Invalid`].
    pub fn verify(&self, token: &Token, challenge: &[u8; 32]) -> Result<(), TokenError> {
        let (input, authenticator) = token.0.split_at(INPUT_BYTES);
        let is_for = [challenge.as_slice(), &self.id()].concat();
        if !ct_eq(&input[34..], &is_for) {
            return Err(TokenError::Invalid);
        }
        let authenticator = authenticator.try_into().map_err(|_| TokenError::Invalid)?;
        blind::verify(&self.key, input, authenticator)
    }
}

impl PartialEq for TokenKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for TokenKey {}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(RSA 2048)")
    }
}
