use std::sync::Arc;

use adyton_crypto::{CryptoError, SecretBytes, SignedError, sha256, verify_labelled};
use adyton_types::{ErrorClass, Fingerprint, Name, ProgramMeasurement, Sha256Digest};
use thiserror::Error;

use crate::answer::ANSWER;
use crate::limits::MAX_ANSWER_BYTES;
use crate::{
    Answer, Card, Denial, Freshness, Operations, ProofError, ReleaseProof, RunKeys, SealedRelease,
    VerifiedDenial, WireError, release_info, wire,
};

/// Why an enclave does not accept a challenge, an answer or a denial.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Its form is wrong.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// It is not signed by the broker's answer key as what it should be.
    #[error("not signed by the broker")]
    Signed(#[from] SignedError),
    /// It is another broker's.
    #[error("it is from broker `{found}`, not from `{expected}`")]
    Card {
        /// The pinned id.
        expected: Fingerprint,
        /// The id found.
        found: Fingerprint,
    },
    /// It answers another request.
    #[error("it answers another request")]
    Request,
    /// A secret that was asked for is not there.
    #[error("secret `{secret}` was asked for and is not there")]
    Missing {
        /// Its name.
        secret: Name,
    },
    /// A secret is there twice.
    #[error("secret `{secret}` is there twice")]
    Twice {
        /// Its name.
        secret: Name,
    },
    /// A secret is there that was not asked for.
    #[error("secret `{secret}` was not asked for")]
    Unasked {
        /// Its name.
        secret: Name,
    },
    /// The broker's log does not prove the release.
    #[error("the log does not prove the release of secret `{secret}`")]
    Proof {
        /// The secret's name.
        secret: Name,
        /// What is wrong with the proof.
        #[source]
        why: ProofError,
    },
    /// A secret does not open.
    #[error("secret `{secret}` does not open")]
    Sealed {
        /// Its name.
        secret: Name,
        /// The cause.
        #[source]
        why: CryptoError,
    },
}

impl AnswerError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Wire(error) => error.class(),
            Self::Signed(error) => error.class(),
            Self::Proof { why, .. } => why.class(),
            Self::Sealed { why, .. } => why.class(),
            Self::Card { .. }
            | Self::Request
            | Self::Missing { .. }
            | Self::Twice { .. }
            | Self::Unasked { .. } => ErrorClass::Rejected,
        }
    }
}

/// A released secret with its name.
#[derive(Debug)]
pub struct ReleasedSecret {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: SecretBytes,
}

/// The secrets of one answer. Having one tells you that the pinned broker released exactly the
/// secrets that were asked for, to this very request, and has them in its log.
#[derive(Debug)]
pub struct Released {
    secrets: Vec<ReleasedSecret>,
    proofs: Vec<ReleaseProof>,
    token: Freshness,
}

impl Released {
    /// Takes it apart: the secrets in the order of the answer, for each the proof for the receipt,
    /// and a token for the next request.
    #[must_use]
    pub fn into_parts(self) -> (Vec<ReleasedSecret>, Vec<ReleaseProof>, Freshness) {
        (self.secrets, self.proofs, self.token)
    }
}

/// A request that was sent, waiting for its answer.
#[derive(Debug)]
pub struct PendingRelease {
    keys: Arc<RunKeys>,
    card: Card,
    program: ProgramMeasurement,
    operations: Operations,
    request: Vec<u8>,
    digest: Sha256Digest,
}

impl PendingRelease {
    pub(crate) fn new(
        keys: Arc<RunKeys>,
        card: Card,
        program: ProgramMeasurement,
        operations: Operations,
        request: Vec<u8>,
    ) -> Self {
        let digest = Sha256Digest::new(sha256(&[&request]));
        Self {
            keys,
            card,
            program,
            operations,
            request,
            digest,
        }
    }

    /// The request's bytes, to be sent.
    #[must_use]
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// The request digest.
    #[must_use]
    pub const fn digest(&self) -> &Sha256Digest {
        &self.digest
    }

    /// Opens the broker's answer: signature, card, request, the set of secrets and every log proof
    /// are checked before the first secret is opened.
    ///
    /// # Errors
    /// [`AnswerError`] names the first check that fails.
    pub fn open(&self, answer: &[u8]) -> Result<Released, AnswerError> {
        wire::length("answer", answer.len(), MAX_ANSWER_BYTES)?;
        let payload = verify_labelled(ANSWER, self.card.answer_key(), answer)?;
        let answer = Answer::parse(&payload)?;
        let (expected, found) = (self.card.id(), answer.card.id());
        if found != expected {
            return Err(AnswerError::Card { expected, found });
        }
        if answer.request != self.digest {
            return Err(AnswerError::Request);
        }
        self.compare_secrets(&answer.releases)?;
        let proofs: Vec<_> = answer
            .releases
            .iter()
            .map(|r| self.proof(r, &answer.checkpoint))
            .collect();
        for proof in &proofs {
            if let Some(why) = proof.failures(&self.program).into_iter().next() {
                let secret = proof.secret.clone();
                return Err(AnswerError::Proof { secret, why });
            }
        }
        let secrets = answer.releases.iter().map(|release| self.unseal(release));
        Ok(Released {
            secrets: secrets.collect::<Result<_, _>>()?,
            proofs,
            token: answer.token,
        })
    }

    /// Verifies that the broker denied this very request.
    ///
    /// # Errors
    /// [`AnswerError`] names the first check that fails.
    pub fn open_denial(&self, denial: &[u8]) -> Result<VerifiedDenial, AnswerError> {
        Denial::verify(denial, &self.card, &self.digest)
    }

    /// Each secret asked for exactly once, and no other.
    fn compare_secrets(&self, releases: &[SealedRelease]) -> Result<(), AnswerError> {
        for operation in self.operations.as_slice() {
            let secret = operation.secret.clone();
            match releases.iter().filter(|r| r.secret == secret).count() {
                0 => return Err(AnswerError::Missing { secret }),
                1 => {}
                _ => return Err(AnswerError::Twice { secret }),
            }
        }
        let asked = |r: &&SealedRelease| {
            self.operations
                .as_slice()
                .iter()
                .any(|op| op.secret == r.secret)
        };
        match releases.iter().find(|release| !asked(release)) {
            Some(release) => Err(AnswerError::Unasked {
                secret: release.secret.clone(),
            }),
            None => Ok(()),
        }
    }

    fn proof(&self, release: &SealedRelease, checkpoint: &str) -> ReleaseProof {
        ReleaseProof {
            card: self.card.clone(),
            request: self.digest,
            secret: release.secret.clone(),
            salt: release.salt,
            version: release.version,
            policy: release.policy,
            index: release.index,
            leaf: release.leaf.clone(),
            path: release.path.clone(),
            checkpoint: checkpoint.to_owned(),
        }
    }

    fn unseal(&self, release: &SealedRelease) -> Result<ReleasedSecret, AnswerError> {
        let name = release.secret.clone();
        let info = release_info(&self.digest, &name, release.version, &release.policy);
        match self.keys.kem().open(&release.sealed, &info, &[]) {
            Ok(value) => Ok(ReleasedSecret { name, value }),
            Err(why) => Err(AnswerError::Sealed { secret: name, why }),
        }
    }
}
