use std::fmt;

use adyton_crypto::{CryptoRng, SecretBytes, random};

use crate::blind::{self, MODULUS_BYTES};
use crate::error::TokenError;
use crate::token::{INPUT_BYTES, TOKEN_TYPE, Token, TokenKey};

/// Bytes of a pending token.
pub const PENDING_BYTES: usize = INPUT_BYTES + MODULUS_BYTES;

/// A token that the issuer has not signed yet. Whoever has it can link the token to its request.
pub struct PendingToken {
    input: [u8; INPUT_BYTES],
    blinding: SecretBytes,
}

impl PendingToken {
    /// Draws a token for a challenge, and the request for it.
    ///
    /// # Errors
    /// [`TokenError::Key`] if nothing can be blinded under the key.
    pub fn new(
        key: &TokenKey,
        challenge: &[u8; 32],
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Vec<u8>), TokenError> {
        let nonce = random::<32>(rng);
        let mut input = [0; INPUT_BYTES];
        let id = key.id();
        let parts: [&[u8]; 4] = [&TOKEN_TYPE.to_be_bytes(), nonce.expose(), challenge, &id];
        input.copy_from_slice(&parts.concat());
        let (blinded, blinding) = blind::blind(&key.key, &input, rng)?;
        let last = id.last().copied().unwrap_or_default();
        let request = [&[0, 2, last], blinded.as_slice()].concat();
        Ok((Self { input, blinding }, request))
    }

    /// Takes the issuer's response.
    ///
    /// # Errors
    /// [`TokenError::Form`], or [`TokenError::Invalid`] if the issuer signed something else.
    pub fn finish(&self, key: &TokenKey, response: &[u8]) -> Result<Token, TokenError> {
        let response = response.try_into();
        let response = response.map_err(|_| TokenError::Form("response"))?;
        let signature = blind::finish(&key.key, &self.input, response, &self.blinding)?;
        Token::new(&self.input, &signature)
    }

    /// From what [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// [`TokenError::Form`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TokenError> {
        match bytes.split_first_chunk() {
            Some((input, blinding)) if blinding.len() == MODULUS_BYTES => Ok(Self {
                input: *input,
                blinding: SecretBytes::new(blinding.to_vec()),
            }),
            _ => Err(TokenError::Form("pending token")),
        }
    }

    /// To be kept until the response comes: [`PENDING_BYTES`] bytes.
    #[must_use]
    pub fn to_bytes(&self) -> SecretBytes {
        SecretBytes::new([self.input.as_slice(), self.blinding.expose()].concat())
    }
}

impl fmt::Debug for PendingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use adyton_crypto::os_rng;

    use super::*;
    use crate::challenge::Challenge;
    use crate::issuer::{IssuerKey, REQUEST_BYTES};

    fn challenge(context: u8) -> [u8; 32] {
        let (issuer, context) = ("issuer.example".to_owned(), [context; 32]);
        Challenge { issuer, context }.digest()
    }

    #[test]
    fn a_token_is_verified_by_anybody_and_linked_by_nobody() {
        let rng = &mut os_rng();
        let issuer = IssuerKey::generate(rng).unwrap();
        let key = TokenKey::from_spki(issuer.public().spki()).unwrap();
        let (pending, request) = PendingToken::new(&key, &challenge(1), rng).unwrap();
        assert_eq!(request.len(), REQUEST_BYTES);
        let pending = PendingToken::parse(pending.to_bytes().expose()).unwrap();
        let issuer = IssuerKey::from_der(&issuer.to_der().unwrap()).unwrap();
        let response = issuer.issue(&request, rng).unwrap();
        let token = pending.finish(&key, &response).unwrap();
        let token = Token::parse(token.as_bytes()).unwrap();
        assert_eq!(key.verify(&token, &challenge(1)), Ok(()));
        assert_eq!(key.verify(&token, &challenge(2)), Err(TokenError::Invalid));
        // Nothing of the token was in what the issuer saw or said.
        let seen = [request.as_slice(), &response].concat();
        let has = |part: &[u8]| seen.windows(part.len()).any(|seen| seen == part);
        assert!(!has(token.nonce()) && !has(&token.as_bytes()[INPUT_BYTES..][..16]));

        for at in [0, 1, 2, 40, 70, 97, 98, 353] {
            let mut altered = *token.as_bytes();
            altered[at] ^= 1;
            let verified =
                Token::parse(&altered).and_then(|token| key.verify(&token, &challenge(1)));
            assert!(verified.is_err(), "byte {at}");
        }
        let mut wrong = response.clone();
        wrong[200] ^= 1;
        assert_eq!(pending.finish(&key, &wrong), Err(TokenError::Invalid));
        assert!(pending.finish(&key, &response[1..]).is_err());
        assert!(issuer.issue(&request[1..], rng).is_err());
        let mut other = request;
        other[2] ^= 1;
        assert_eq!(issuer.issue(&other, rng), Err(TokenError::OtherKey));
        assert!(TokenKey::from_spki(&key.spki()[1..]).is_err());
        assert!(TokenKey::from_spki(&[0x30; 300]).is_err());
    }
}
