use adyton_crypto::ct_eq;
use adyton_types::UnixTime;

use crate::{Ear, EarError, EarVerifyingKey, cwt, jwt};

/// Whose results somebody relies on: one key, one issuer, and under which name they are meant for
/// the one who reads. All three must be right; there is no list to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The Verifier's key.
    pub key: EarVerifyingKey,
    /// The Verifier's name.
    pub issuer: String,
    /// The reader's name.
    pub audience: String,
}

/// A result that the pinned Verifier signed, for this reader, and that is valid now. Having one
/// tells you what the Verifier says, good or bad: look at [`Ear::affirms`], and whether the
/// [nonce](Self::answers) is your own.
///
/// Nobody else makes one:
/// ```compile_fail,E0423
/// # fn forge(ear: adyton_ear::Ear) {
/// adyton_ear::VerifiedEar(ear);
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEar(Ear);

impl VerifiedEar {
    /// The result.
    #[must_use]
    pub const fn ear(&self) -> &Ear {
        &self.0
    }

    /// Whether the Evidence was bound to exactly these bytes.
    #[must_use]
    pub fn answers(&self, nonce: &[u8]) -> bool {
        ct_eq(&self.0.nonce, nonce)
    }
}

impl Pin {
    /// Verifies a JWT.
    ///
    /// # Errors
    /// [`EarError`].
    pub fn verify_jwt(&self, token: &str, now: UnixTime) -> Result<VerifiedEar, EarError> {
        self.accept(jwt::open(token, &self.key)?, now)
    }

    /// Verifies a CWT.
    ///
    /// # Errors
    /// [`EarError`].
    pub fn verify_cwt(&self, token: &[u8], now: UnixTime) -> Result<VerifiedEar, EarError> {
        self.accept(cwt::open(token, &self.key)?, now)
    }

    /// What stands in a token whose signature has verified.
    fn accept(&self, ear: Ear, now: UnixTime) -> Result<VerifiedEar, EarError> {
        if ear.issuer != self.issuer {
            return Err(EarError::Issuer {
                expected: self.issuer.clone(),
                found: ear.issuer,
            });
        }
        if ear.audience != self.audience {
            return Err(EarError::Audience {
                expected: self.audience.clone(),
                found: ear.audience,
            });
        }
        if now < ear.issued_at {
            let from = ear.issued_at;
            return Err(EarError::NotYet { from, now });
        }
        if now >= ear.expires_at {
            let until = ear.expires_at;
            return Err(EarError::Expired { until, now });
        }
        Ok(VerifiedEar(ear))
    }
}
