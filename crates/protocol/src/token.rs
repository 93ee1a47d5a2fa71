use adyton_crypto::{CryptoRng, SecretArray, hmac_sha256, random, verify_hmac_sha256};
use adyton_types::{ErrorClass, Fingerprint, UnixTime};
use thiserror::Error;

use crate::Freshness;

const LABEL: &[u8] = b"adyton/epoch/v1\0";
const VERSION: u8 = 1;

/// How long a token is good for: long enough for a TEE that takes seconds to make Evidence, short
/// enough that Evidence on the shelf is worthless.
pub const TOKEN_LIFE_SECS: u64 = 60;

/// Length of an epoch token.
pub const TOKEN_BYTES: usize = 57;

/// Why a token is not a fresh one of this broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is not 57 bytes long, or of another version.
    #[error("not an epoch token")]
    Malformed,
    /// It was made by another broker, before this one started, or by nobody.
    #[error("the token is not of this broker since its start; fetch a new challenge")]
    Foreign,
    /// It has run out.
    #[error("the token is {age_secs} seconds old, more than 60; fetch a new challenge")]
    Expired {
        /// Its age.
        age_secs: u64,
    },
    /// It was made later than now: the broker's clock went back.
    #[error("the token is from the future; fetch a new challenge")]
    Future,
}

impl TokenError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(self) -> ErrorClass {
        match self {
            Self::Malformed => ErrorClass::Malformed,
            Self::Foreign | Self::Expired { .. } | Self::Future => ErrorClass::Stale,
        }
    }
}

/// Makes and verifies a broker's epoch tokens: fresh without a table of what was given out. The
/// key lives as long as the broker's process.
#[derive(Debug)]
pub struct EpochTokens {
    key: SecretArray<32>,
    broker: Fingerprint,
}

impl EpochTokens {
    /// Begins an epoch with a new key.
    pub fn generate(broker: Fingerprint, rng: &mut impl CryptoRng) -> Self {
        Self::new(broker, random(rng))
    }

    /// Continues the epoch that has this key.
    #[must_use]
    pub const fn new(broker: Fingerprint, key: SecretArray<32>) -> Self {
        Self { key, broker }
    }

    /// The broker whose tokens these are.
    #[must_use]
    pub const fn broker(&self) -> Fingerprint {
        self.broker
    }

    /// Makes a token.
    ///
    /// # Panics
    /// Never: a token is shorter than the limit of [`Freshness`].
    pub fn mint(&self, now: UnixTime, rng: &mut impl CryptoRng) -> Freshness {
        let time = now.as_secs().to_be_bytes();
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let tag = hmac_sha256(&self.key, &self.parts(&time, &salt));
        let token = [[VERSION].as_slice(), &time, &salt, &tag].concat();
        Freshness::new(&token).expect("57 bytes are within the limit of 128")
    }

    /// Verifies that this broker made the token since its start, at most 60 seconds before `now`.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn verify(&self, token: &Freshness, now: UnixTime) -> Result<(), TokenError> {
        let parse = || {
            let (version, rest) = token.as_bytes().split_first()?;
            let (time, rest) = rest.split_first_chunk::<8>()?;
            let (salt, tag) = rest.split_first_chunk::<16>()?;
            let tag: &[u8; 32] = tag.try_into().ok()?;
            (*version == VERSION).then_some((time, salt, tag))
        };
        let (time, salt, tag) = parse().ok_or(TokenError::Malformed)?;
        verify_hmac_sha256(&self.key, &self.parts(time, salt), tag)
            .map_err(|_| TokenError::Foreign)?;
        let made = UnixTime::from_secs(u64::from_be_bytes(*time));
        let age_secs = now.secs_since(made);
        if made > now {
            Err(TokenError::Future)
        } else if age_secs > TOKEN_LIFE_SECS {
            Err(TokenError::Expired { age_secs })
        } else {
            Ok(())
        }
    }

    fn parts<'a>(&'a self, time: &'a [u8; 8], salt: &'a [u8; 16]) -> [&'a [u8]; 5] {
        [LABEL, self.broker.as_bytes(), &[VERSION], time, salt]
    }
}
