use adyton_crypto::sha256;

use crate::token::TOKEN_TYPE;

/// What tokens are for (`TokenChallenge`, RFC 9577 section 2.1), with empty origin info.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The issuer's name.
    pub issuer: String,
    /// Where and when they can be spent.
    pub context: [u8; 32],
}

impl Challenge {
    /// SHA-256 of its encoding, which a token holds.
    ///
    /// The issuer's name counts up to 65,535 bytes; what is beyond is left to the length, which
    /// then says so.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let name = self.issuer.as_bytes();
        let length = u16::try_from(name.len()).unwrap_or(u16::MAX);
        sha256(&[
            &TOKEN_TYPE.to_be_bytes(),
            &length.to_be_bytes(),
            name,
            &[32],
            &self.context,
            &[0, 0],
        ])
    }
}
