use std::sync::Arc;

use adyton_appraisal::References;
use adyton_protocol::Request;
use adyton_verifier::VerifiedEvidence;

use crate::Judging;

/// A request of which everything has been verified that needs no state: form, signature, token,
/// Relying Party, Evidence. Having one tells you who asks for what, and nothing of whether it is
/// allowed.
#[derive(Debug)]
pub struct VerifiedRequest {
    request: Request,
    evidence: VerifiedEvidence,
    token_time: u64,
    judging: Arc<Judging>,
}

impl VerifiedRequest {
    pub(crate) const fn new(
        request: Request,
        evidence: VerifiedEvidence,
        token_time: u64,
        judging: Arc<Judging>,
    ) -> Self {
        Self {
            request,
            evidence,
            token_time,
            judging,
        }
    }

    /// The request.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// Its Evidence.
    #[must_use]
    pub const fn evidence(&self) -> &VerifiedEvidence {
        &self.evidence
    }

    /// The signed lists of Reference Values at hand when it was verified.
    pub(crate) fn references(&self) -> &References {
        &self.judging.references
    }

    /// When the broker made the token that the binding carries.
    pub(crate) const fn token_time(&self) -> u64 {
        self.token_time
    }

    /// Under which the decision on its binding is remembered: in the order of token times, so that
    /// what has run out can be forgotten.
    pub(crate) fn seen_key(&self) -> Vec<u8> {
        let time = self.token_time.to_be_bytes();
        let binding = self.evidence.report_data();
        [time.as_slice(), binding.as_bytes()].concat()
    }
}
