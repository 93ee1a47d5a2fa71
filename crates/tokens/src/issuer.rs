use std::fmt;

use adyton_crypto::{CryptoRng, SecretBytes};
use rsa::PrivateKey;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};

use crate::blind::{self, MODULUS_BYTES};
use crate::error::TokenError;
use crate::token::{TOKEN_TYPE, TokenKey};

/// Bytes of a request: type, the last byte of the key's id, a blinded message (RFC 9578 section 6.1).
pub const REQUEST_BYTES: usize = 3 + MODULUS_BYTES;
/// Bytes of a response: a blind signature (RFC 9578 section 6.2).
pub const RESPONSE_BYTES: usize = MODULUS_BYTES;

/// An issuer's private key.
pub struct IssuerKey {
    key: PrivateKey,
    public: TokenKey,
}

impl IssuerKey {
    /// Makes a fresh key. It takes some seconds now and then: primes are found by chance.
    ///
    /// # Errors
    /// [`TokenError::Sign`] if the provider fails.
    pub fn generate(rng: &mut impl CryptoRng) -> Result<Self, TokenError> {
        let key = PrivateKey::new(rng, 8 * MODULUS_BYTES);
        Self::new(key.map_err(|_| TokenError::Sign)?)
    }

    /// From what [`to_der`](Self::to_der) gave.
    ///
    /// # Errors
    /// [`TokenError::Key`].
    pub fn from_der(der: &SecretBytes) -> Result<Self, TokenError> {
        let key = PrivateKey::from_pkcs8_der(der.expose());
        Self::new(key.map_err(|_| TokenError::Key)?)
    }

    /// As PKCS #8 in DER.
    ///
    /// # Errors
    /// [`TokenError::Sign`] if the provider fails.
    pub fn to_der(&self) -> Result<SecretBytes, TokenError> {
        let der = self.key.to_pkcs8_der().map_err(|_| TokenError::Sign)?;
        Ok(SecretBytes::new(der.as_bytes().to_vec()))
    }

    fn new(key: PrivateKey) -> Result<Self, TokenError> {
        let public = TokenKey::of(&key.to_public_key())?;
        Ok(Self { key, public })
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &TokenKey {
        &self.public
    }

    /// Signs what a request has blinded: for whoever is entitled to a token, which the caller has
    /// to know. What is signed cannot be seen, and is not recognised later.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn issue(&self, request: &[u8], rng: &mut impl CryptoRng) -> Result<Vec<u8>, TokenError> {
        let form = TokenError::Form("request");
        let (head, blinded) = request.split_first_chunk::<3>().ok_or(form)?;
        if head[..2] != TOKEN_TYPE.to_be_bytes() || blinded.len() != MODULUS_BYTES {
            return Err(form);
        }
        if Some(&head[2]) != self.public.id().last() {
            return Err(TokenError::OtherKey);
        }
        let blinded = blind::number(blinded)?;
        if blinded >= *self.public.modulus() {
            return Err(form);
        }
        let signed = rsa_decrypt_and_check(&self.key, Some(rng), &blinded);
        let signed = signed.map_err(|_| TokenError::Sign)?;
        Ok(blind::bytes(&signed).to_vec())
    }
}

impl fmt::Debug for IssuerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IssuerKey(RSA 2048)")
    }
}
