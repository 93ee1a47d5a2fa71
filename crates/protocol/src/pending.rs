use std::sync::Arc;

use adyton_crypto::{SecretBytes, sha256, verify_labelled};
use adyton_types::{Name, ProgramMeasurement, Sha256Digest};

use crate::answer::ANSWER;
use crate::limits::MAX_ANSWER_BYTES;
use crate::{
    Answer, AnswerError, Card, Denial, Freshness, Operations, ReleaseProof, RunKeys, SealedRelease,
    VerifiedDenial, release_info, wire,
};

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
///
/// Nobody else makes one:
/// ```compile_fail,E0451
/// # fn forge(token: adyton_protocol::Freshness) {
/// adyton_protocol::Released { secrets: Vec::new(), proofs: Vec::new(), token };
/// # }
/// ```
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
