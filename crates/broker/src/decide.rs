//! The decision: everything that happens inside the one transaction.

use adyton_appraisal::{Appraised, FailedClaim};
use adyton_merkle::inclusion_proof;
use adyton_protocol::limits::{MAX_DENIED, MAX_TEXT_BYTES};
use adyton_protocol::{
    Denied, Grant, Leaf, LeafPlatform, LeafType, Operation, TOKEN_LIFE_SECS, leaf_salt,
    policy_commitment, secret_commitment,
};
use adyton_types::{Name, Sha256Digest, UnixTime};

use crate::authorize::{Allowed, Budget, Refused, authorize};
use crate::denials::{Unrecorded, may_record};
use crate::log::{LogHead, LogNodes, LogRow, LogWriter};
use crate::records::{SeenRecord, SeenRelease, write_count};
use crate::state::{BrokerState, StateError, StateTable};
use crate::verified::VerifiedRequest;

/// How often bindings that have run out are forgotten: with every so manieth leaf.
const FORGET_EVERY: u64 = 64;

/// How many are forgotten at once.
const FORGET_AT_MOST: usize = 512;

/// What was decided, and is durable once the transaction is.
#[derive(Debug)]
pub(crate) enum Outcome {
    Released {
        grants: Vec<(Grant, Appraised)>,
        size: u64,
        root: Sha256Digest,
    },
    Denied(Vec<Denied>),
    /// The token is so old that what was decided on it is forgotten.
    Stale,
}

/// Decides on a request. `unrecorded` counts the denials that were not written down.
pub(crate) fn decide(
    state: &mut dyn BrokerState,
    request: &VerifiedRequest,
    now: UnixTime,
    unrecorded: &Unrecorded,
) -> Result<Outcome, StateError> {
    let head = LogHead::read(state)?;
    if request.token_time() < head.seen_from {
        return Ok(Outcome::Stale);
    }
    let key = request.seen_key();
    let seen = SeenRecord::read(state, &key)?;
    match &seen {
        Some(seen) if seen.request != *request.request().digest() => {
            let failed = replay("a binding that no other request has used", "used before");
            return deny(state, request, head, vec![failed], now, unrecorded);
        }
        Some(seen) if !seen.released.is_empty() => {
            return repeat(state, request, seen, &head, now);
        }
        _ => {}
    }
    let mut allowed = Vec::new();
    let mut refused = Vec::new();
    for operation in request.request().operations().as_slice() {
        match authorize(state, request, operation, Budget::Counts, now)? {
            Ok(one) => allowed.push((operation, one)),
            Err(one) => refused.push((Some(&operation.secret), one)),
        }
    }
    if refused.is_empty() {
        release(state, request, head, allowed, now)
    } else if seen.is_some() {
        // The same request was denied and recorded before: nothing new to write down.
        Ok(Outcome::Denied(denied(refused)))
    } else {
        deny(state, request, head, refused, now, unrecorded)
    }
}

/// Counts and records the release of all secrets that the request asks for.
fn release(
    state: &mut dyn BrokerState,
    request: &VerifiedRequest,
    head: LogHead,
    allowed: Vec<(&Operation, Allowed)>,
    now: UnixTime,
) -> Result<Outcome, StateError> {
    let mut log = LogWriter::open(head);
    let mut grants = Vec::with_capacity(allowed.len());
    let mut released = Vec::with_capacity(allowed.len());
    for (operation, allowed) in allowed {
        write_count(state, &allowed.policy, allowed.count.saturating_add(1))?;
        let salt = leaf_salt(&allowed.salt, log.next());
        let leaf = Leaf {
            secret: Some(secret_commitment(&salt, &operation.secret)),
            version: Some(allowed.version),
            policy: Some(policy_commitment(&salt, &allowed.policy)),
            ..leaf_about(request, LeafType::Release, now)
        };
        let index = log.append(state, &leaf)?;
        released.push(SeenRelease {
            version: allowed.version,
            policy: allowed.policy,
            index,
        });
        grants.push(grant(operation, allowed, leaf, index));
    }
    for (grant, _) in &mut grants {
        grant.path = log.tree.inclusion_proof(grant.index)?;
    }
    remember(state, request, &mut log, released, now)?;
    let tree = log.close(state)?;
    Ok(Outcome::Released {
        grants,
        size: tree.size(),
        root: tree.root(),
    })
}

fn grant(operation: &Operation, allowed: Allowed, leaf: Leaf, index: u64) -> (Grant, Appraised) {
    let grant = Grant {
        secret: operation.secret.clone(),
        salt: leaf_salt(&allowed.salt, index),
        version: allowed.version,
        policy: allowed.policy,
        value: allowed.value,
        leaf,
        index,
        path: Vec::new(),
    };
    (grant, allowed.platform)
}

/// Answers the very same request again, from the record: counted and logged once. It must still be
/// allowed, and nothing may have been replaced since.
fn repeat(
    state: &dyn BrokerState,
    request: &VerifiedRequest,
    seen: &SeenRecord,
    head: &LogHead,
    now: UnixTime,
) -> Result<Outcome, StateError> {
    let size = head.frontier.size();
    let mut grants = Vec::new();
    let mut refused = Vec::new();
    let operations = request.request().operations().as_slice();
    for (operation, before) in operations.iter().zip(&seen.released) {
        match authorize(state, request, operation, Budget::WasCounted, now)? {
            Ok(now) if (now.version, now.policy) == (before.version, before.policy) => {
                let row = LogRow::read(state, before.index)?;
                let leaf = row.and_then(|row| Leaf::parse(&row.entry).ok());
                let leaf = leaf.ok_or(StateError::Row {
                    table: StateTable::Log.name(),
                })?;
                let (mut grant, platform) = grant(operation, now, leaf, before.index);
                grant.path = inclusion_proof(&LogNodes(state), before.index, size)?;
                grants.push((grant, platform));
            }
            Ok(_) => {
                let expected = "the secret and release document of its first answer";
                let (_, failed) = replay(expected, "replaced since");
                refused.push((Some(&operation.secret), failed));
            }
            Err(one) => refused.push((Some(&operation.secret), one)),
        }
    }
    Ok(if refused.is_empty() {
        Outcome::Released {
            grants,
            size,
            root: head.frontier.root(),
        }
    } else {
        Outcome::Denied(denied(refused))
    })
}

fn replay(expected: &str, found: &str) -> (Option<&'static Name>, Refused) {
    let refused = Refused {
        known: None,
        failed: vec![FailedClaim::new("replay", expected, found)],
        platform_accepted: false,
    };
    (None, refused)
}

/// Records a denial, unless too many were recorded lately.
fn deny(
    state: &mut dyn BrokerState,
    request: &VerifiedRequest,
    head: LogHead,
    refused: Vec<(Option<&Name>, Refused)>,
    now: UnixTime,
    unrecorded: &Unrecorded,
) -> Result<Outcome, StateError> {
    let known = refused.iter().any(|(_, one)| one.platform_accepted);
    if !may_record(state, known, now)? {
        unrecorded.one_more();
        return Ok(Outcome::Denied(denied(refused)));
    }
    let mut log = LogWriter::open(head);
    let about = match refused.as_slice() {
        [(Some(secret), one)] => one.known.map(|(salt, policy)| {
            let salt = leaf_salt(&salt, log.next());
            let secret = secret_commitment(&salt, secret);
            (secret, policy_commitment(&salt, &policy))
        }),
        _ => None,
    };
    let missed = unrecorded.tell();
    let leaf = Leaf {
        secret: about.map(|(secret, _)| secret),
        policy: about.map(|(_, policy)| policy),
        detail: detail(&refused, missed),
        ..leaf_about(request, LeafType::Deny, now)
    };
    log.append(state, &leaf)?;
    if SeenRecord::read(state, &request.seen_key())?.is_none() {
        remember(state, request, &mut log, Vec::new(), now)?;
    }
    log.close(state)?;
    Ok(Outcome::Denied(denied(refused)))
}

/// The claims that failed, each once, in order; and how many denials before were not recorded.
fn detail(refused: &[(Option<&Name>, Refused)], missed: u64) -> String {
    let mut claims: Vec<&str> = Vec::new();
    for failure in refused.iter().flat_map(|(_, one)| &one.failed) {
        if !claims.contains(&failure.claim.as_str()) {
            claims.push(&failure.claim);
        }
    }
    let missed = match missed {
        0 => String::new(),
        n => format!(" ({n} earlier denials not recorded)"),
    };
    let room = MAX_TEXT_BYTES.saturating_sub(missed.len());
    let mut detail = String::new();
    for claim in claims {
        let comma = if detail.is_empty() { "" } else { "," };
        if detail.len() + comma.len() + claim.len() > room {
            break;
        }
        detail.push_str(comma);
        detail.push_str(claim);
    }
    detail + &missed
}

fn denied(refused: Vec<(Option<&Name>, Refused)>) -> Vec<Denied> {
    let claims = refused.into_iter().flat_map(|(secret, one)| {
        one.failed.into_iter().map(move |failed| Denied {
            secret: secret.cloned(),
            failed,
        })
    });
    claims.take(MAX_DENIED).collect()
}

fn leaf_about(request: &VerifiedRequest, leaf_type: LeafType, time: UnixTime) -> Leaf {
    let claims = request.evidence().claims();
    Leaf {
        leaf_type,
        time,
        request: Some(*request.request().digest()),
        secret: None,
        version: None,
        policy: None,
        program: Some(request.request().binding().program),
        platform: Some(LeafPlatform {
            kind: claims.kind,
            measurement: claims.measurement.clone(),
            id: claims.platform_id.clone(),
        }),
        detail: String::new(),
    }
}

/// Remembers the decision on a binding, and now and then forgets those whose token has run out.
fn remember(
    state: &mut dyn BrokerState,
    request: &VerifiedRequest,
    log: &mut LogWriter,
    released: Vec<SeenRelease>,
    now: UnixTime,
) -> Result<(), StateError> {
    let record = SeenRecord {
        request: *request.request().digest(),
        released,
    };
    record.write(state, &request.seen_key())?;
    if log.tree.frontier().size().is_multiple_of(FORGET_EVERY) {
        let horizon = now.as_secs().saturating_sub(TOKEN_LIFE_SECS);
        log.seen_from = log.seen_from.max(horizon);
        let old = state.scan_from(StateTable::Seen, &[], FORGET_AT_MOST)?;
        for key in old.keys() {
            if key.as_slice() < horizon.to_be_bytes().as_slice() {
                state.remove(StateTable::Seen, key)?;
            }
        }
    }
    Ok(())
}
