use adyton_appraisal::Appraised;
use adyton_crypto::{CryptoRng, SigningKey};
use adyton_merkle::LogKey;
use adyton_protocol::{Answer, Card, Denial, Denied, Freshness, Grant, SealedRelease};
use adyton_types::Sha256Digest;

use crate::ReleaseError;
use crate::decide::Outcome;
use crate::verified::VerifiedRequest;

/// A decision that is durable. Having one tells you that the releases it allows are counted and in
/// the log, or that the denial is; only [`Engine::commit`](crate::Engine::commit) makes one.
#[derive(Debug)]
pub struct Committed {
    request: VerifiedRequest,
    outcome: Outcome,
}

/// What the broker sends back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Granted: the bytes of an answer.
    Answer(Vec<u8>),
    /// Denied: the bytes of a denial.
    Denial(Vec<u8>),
}

impl Committed {
    pub(crate) const fn new(request: VerifiedRequest, outcome: Outcome) -> Self {
        Self { request, outcome }
    }

    /// Digest of the request.
    #[must_use]
    pub const fn request(&self) -> &Sha256Digest {
        self.request.request().digest()
    }

    /// Every claim that failed; empty if the request is granted.
    #[must_use]
    pub fn denied(&self) -> &[Denied] {
        match &self.outcome {
            Outcome::Denied(denied) => denied,
            _ => &[],
        }
    }

    pub(crate) fn into_effect(
        self,
        card: &Card,
        answer_key: &SigningKey,
        log_key: &LogKey,
        token: Freshness,
        rng: &mut impl CryptoRng,
    ) -> Result<Effect, ReleaseError> {
        let request = *self.request();
        let (grants, size, root) = match self.outcome {
            Outcome::Released { grants, size, root } => (grants, size, root),
            Outcome::Denied(denied) => {
                let denial = Denial {
                    card: card.clone(),
                    request,
                    denied,
                    token,
                };
                return Ok(Effect::Denial(denial.sign(answer_key)));
            }
            Outcome::Stale => return Err(ReleaseError::TokenRanOut),
        };
        let seal = |(grant, platform): (Grant, Appraised)| {
            SealedRelease::seal(grant, self.request.request(), &platform, rng)
        };
        let answer = Answer {
            card: card.clone(),
            request,
            releases: grants.into_iter().map(seal).collect::<Result<_, _>>()?,
            checkpoint: log_key.sign(size, root),
            token,
        };
        Ok(Effect::Answer(answer.sign(answer_key)))
    }
}
