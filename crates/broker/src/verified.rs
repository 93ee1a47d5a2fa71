use adyton_protocol::Request;
use adyton_verifier::VerifiedEvidence;

/// A request of which everything has been verified that needs no state: form, signature, token,
/// Relying Party, Evidence. Having one tells you who asks for what, and nothing of whether it is
/// allowed.
#[derive(Debug)]
pub struct VerifiedRequest {
    request: Request,
    evidence: VerifiedEvidence,
    token_time: u64,
}

impl VerifiedRequest {
    pub(crate) const fn new(request: Request, evidence: VerifiedEvidence, token_time: u64) -> Self {
        Self {
            request,
            evidence,
            token_time,
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
