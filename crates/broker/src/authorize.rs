use adyton_appraisal::{Appraised, Context, FailedClaim, appraise};
use adyton_crypto::SecretBytes;
use adyton_protocol::{Operation, Salt};
use adyton_types::{Sha256Digest, UnixTime};
use adyton_verifier::VerifiedEvidence;

use crate::ReleaseDocument;
use crate::records::{SecretRecord, read_count, read_document};
use crate::state::{BrokerState, StateError};
use crate::verified::VerifiedRequest;

/// How many accepted programs a denial names.
const SHOWN: usize = 8;

/// An operation that a release document allows now.
#[derive(Debug)]
pub(crate) struct Allowed {
    pub(crate) salt: Salt,
    pub(crate) version: u64,
    pub(crate) value: SecretBytes,
    pub(crate) policy: Sha256Digest,
    /// How often the document was used before.
    pub(crate) count: u64,
    pub(crate) platform: Appraised,
}

/// An operation that is not allowed.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The secret's salt and its document's id, if it has them.
    pub(crate) known: Option<(Salt, Sha256Digest)>,
    /// Every claim that failed, at least one.
    pub(crate) failed: Vec<FailedClaim>,
    /// Whether at least the platform is one that the owner accepts.
    pub(crate) platform_accepted: bool,
}

/// Whether the budget still counts: not for the repetition of a request that was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Budget {
    Counts,
    WasCounted,
}

/// Authorizes one operation against the secret's release document. Default deny: a secret without
/// value or document, and one that nobody has heard of, fail the same claim.
pub(crate) fn authorize(
    state: &dyn BrokerState,
    request: &VerifiedRequest,
    operation: &Operation,
    budget: Budget,
    now: UnixTime,
) -> Result<Result<Allowed, Refused>, StateError> {
    let secret = SecretRecord::read(state, &operation.secret)?;
    let document = read_document(state, &operation.secret)?;
    let (Some(secret), Some(document)) = (secret, document) else {
        return Ok(Err(no_document()));
    };
    let Some(value) = secret.value else {
        return Ok(Err(no_document()));
    };
    let policy = document.id();
    let count = read_count(state, &policy)?;
    let mut failed = request_failures(&document, request, operation);
    failed.extend(time_failures(&document, now));
    if budget == Budget::Counts && count >= document.max_releases() {
        let expected = format!("fewer than {} before", document.max_releases());
        failed.push(FailedClaim::new("max-releases", expected, count));
    }
    let context = Context {
        now,
        references: request.references(),
    };
    let platform = platform(request.evidence(), &document, &context);
    Ok(match platform {
        Ok(platform) if failed.is_empty() => Ok(Allowed {
            salt: secret.salt,
            version: secret.version,
            value,
            policy,
            count,
            platform,
        }),
        platform => {
            let platform_accepted = platform.is_ok();
            failed.extend(platform.err().unwrap_or_default());
            Err(Refused {
                known: Some((secret.salt, policy)),
                failed,
                platform_accepted,
            })
        }
    })
}

fn no_document() -> Refused {
    Refused {
        known: None,
        failed: vec![FailedClaim::new(
            "release-document",
            "a secret with a release document",
            "none",
        )],
        platform_accepted: false,
    }
}

fn request_failures(
    document: &ReleaseDocument,
    request: &VerifiedRequest,
    operation: &Operation,
) -> Vec<FailedClaim> {
    let mut failed = Vec::new();
    let program = &request.request().binding().program;
    if !document.programs().contains(program) {
        let mut expected: Vec<String> = document
            .programs()
            .iter()
            .take(SHOWN)
            .map(ToString::to_string)
            .collect();
        let more = document.programs().len().saturating_sub(SHOWN);
        if more > 0 {
            expected.push(format!("{more} more"));
        }
        let expected = expected.join(" or ");
        failed.push(FailedClaim::new("program", expected, program));
    }
    if operation.purpose != *document.purpose() {
        let (expected, found) = (document.purpose(), &operation.purpose);
        failed.push(FailedClaim::new("purpose", expected, found));
    }
    failed
}

fn time_failures(document: &ReleaseDocument, now: UnixTime) -> Option<FailedClaim> {
    let (from, until) = (document.not_before(), document.not_after());
    if now < from {
        let expected = format!("{from} or later");
        return Some(FailedClaim::new("not-before", expected, now));
    }
    (now > until).then(|| FailedClaim::new("not-after", format!("{until} or earlier"), now))
}

/// Appraises the platform. Its claims are told from the others by `platform.`, or
/// `platform-2.` where the document names several.
fn platform(
    evidence: &VerifiedEvidence,
    document: &ReleaseDocument,
    context: &Context<'_>,
) -> Result<Appraised, Vec<FailedClaim>> {
    let several = document.platforms().len() > 1;
    appraise(evidence, document.platforms(), context).map_err(|mut failed| {
        for failure in failed.iter_mut().filter(|_| !several) {
            failure.claim = format!("platform.{}", failure.claim);
        }
        failed
    })
}
