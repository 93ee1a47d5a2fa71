use std::sync::Arc;

use adyton_types::{Evidence, Fingerprint, ProgramMeasurement, ReportData};

use crate::request::encode_request;
use crate::{AnswerError, Binding, Card, Challenge, Operations, PendingRelease, Role, RunKeys};

/// A release request that still lacks its Evidence.
#[derive(Debug)]
pub struct ReleaseDraft {
    keys: Arc<RunKeys>,
    card: Card,
    binding: Binding,
    operations: Operations,
}

impl ReleaseDraft {
    /// Begins a request to the broker with the pinned id `broker`, on its challenge, for the
    /// program that this enclave runs.
    ///
    /// # Errors
    /// [`AnswerError::Card`] if the challenge is another broker's.
    pub fn new(
        keys: &Arc<RunKeys>,
        broker: Fingerprint,
        challenge: Challenge,
        program: ProgramMeasurement,
        operations: Operations,
    ) -> Result<Self, AnswerError> {
        let found = challenge.card.id();
        if found != broker {
            let expected = broker;
            return Err(AnswerError::Card { expected, found });
        }
        let binding = Binding {
            role: Role::Enclave,
            relying_party: broker,
            fresh: challenge.token,
            kem: keys.kem().public().clone(),
            signing: keys.signing().verifying_key(),
            channel: None,
            program,
            ops: operations.digest(),
        };
        Ok(Self {
            keys: Arc::clone(keys),
            card: challenge.card,
            binding,
            operations,
        })
    }

    /// What the TEE must vouch for.
    #[must_use]
    pub fn report_data(&self) -> ReportData {
        self.binding.report_data()
    }

    /// Ends the request with Evidence over [`report_data`](Self::report_data).
    #[must_use]
    pub fn finish(self, evidence: &Evidence) -> PendingRelease {
        let signing = self.keys.signing();
        let request = encode_request(evidence, &self.binding, &self.operations, signing);
        PendingRelease::new(
            self.keys,
            self.card,
            self.binding.program,
            self.operations,
            request,
        )
    }
}
