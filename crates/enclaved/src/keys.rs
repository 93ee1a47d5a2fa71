use std::sync::Arc;

use adyton_hatch::{Answer, Challenge, InputFile, Request};
use adyton_protocol::{Operation, Operations, PendingRelease, ReleaseDraft, ReleaseProof, RunKeys};
use adyton_sealing::Identity;
use adyton_types::{Fingerprint, Name, ProgramMeasurement};

use crate::error::EnclaveError;
use crate::witness::Witness;

/// What a run asks its brokers for: each broker once, each secret once.
pub(crate) struct Wanted {
    brokers: Vec<(Fingerprint, Vec<Name>)>,
    purpose: Name,
}

impl Wanted {
    pub(crate) fn new<'a>(inputs: impl Iterator<Item = &'a InputFile>, purpose: Name) -> Self {
        let mut brokers: Vec<(Fingerprint, Vec<Name>)> = Vec::new();
        for input in inputs {
            let id = Fingerprint::new(input.broker);
            let known = brokers.iter().position(|(broker, _)| *broker == id);
            let at = known.unwrap_or_else(|| {
                brokers.push((id, Vec::new()));
                brokers.len() - 1
            });
            if !brokers[at].1.contains(&input.secret) {
                brokers[at].1.push(input.secret.clone());
            }
        }
        Self { brokers, purpose }
    }

    /// Whether the run needs no key at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.brokers.is_empty()
    }

    /// One request a broker, each with Evidence of its own: bound to that broker's id and token.
    pub(crate) fn requests(
        &self,
        challenges: &[Challenge],
        keys: &Arc<RunKeys>,
        program: ProgramMeasurement,
        witness: &mut Witness<'_>,
    ) -> Result<Vec<Asked>, EnclaveError> {
        self.brokers
            .iter()
            .map(|(broker, secrets)| {
                let challenge = challenges.iter().find(|c| c.broker == *broker.as_bytes());
                let challenge = challenge.ok_or(EnclaveError::NoAnswer { broker: *broker })?;
                let challenge = adyton_protocol::Challenge::parse(&challenge.bytes)?;
                let operation = |secret: &Name| Operation {
                    secret: secret.clone(),
                    purpose: self.purpose.clone(),
                };
                let operations = Operations::new(secrets.iter().map(operation).collect())?;
                let refused = |source| EnclaveError::Answer {
                    broker: *broker,
                    source,
                };
                let draft = ReleaseDraft::new(keys, *broker, challenge, program, operations)
                    .map_err(refused)?;
                let evidence = witness.evidence(&draft.report_data())?;
                Ok(Asked {
                    broker: *broker,
                    pending: draft.finish(&evidence),
                })
            })
            .collect()
    }
}

/// A broker that was asked.
pub(crate) struct Asked {
    broker: Fingerprint,
    pending: PendingRelease,
}

impl Asked {
    pub(crate) fn request(&self) -> Request {
        Request {
            broker: *self.broker.as_bytes(),
            bytes: self.pending.request().to_vec(),
        }
    }
}

/// The key of an input, and the proof that its release is logged.
pub(crate) struct Key {
    broker: Fingerprint,
    pub(crate) identity: Identity,
    pub(crate) proof: ReleaseProof,
}

/// Opens the brokers' answers. Every check is made before the first secret is opened; if one
/// answer fails, no key of any is kept.
pub(crate) fn open(asked: &[Asked], answers: &[Answer]) -> Result<Vec<Key>, EnclaveError> {
    let mut keys = Vec::new();
    for Asked { broker, pending } in asked {
        let answer = answers.iter().find(|a| a.broker == *broker.as_bytes());
        let answer = answer.ok_or(EnclaveError::NoAnswer { broker: *broker })?;
        let refused = |source| EnclaveError::Answer {
            broker: *broker,
            source,
        };
        let (secrets, proofs, _) = pending.open(&answer.bytes).map_err(refused)?.into_parts();
        for (secret, proof) in secrets.into_iter().zip(proofs) {
            let wrong = |source| EnclaveError::Identity {
                secret: secret.name.clone(),
                source,
            };
            let text = std::str::from_utf8(secret.value.expose());
            let text = text.map_err(|_| wrong(adyton_sealing::IdentityError::Malformed))?;
            let identity = Identity::parse_file(text).map_err(wrong)?;
            keys.push(Key {
                broker: *broker,
                identity,
                proof,
            });
        }
    }
    Ok(keys)
}

/// Which key opens an input.
pub(crate) fn position(keys: &[Key], input: &InputFile) -> Option<usize> {
    let broker = Fingerprint::new(input.broker);
    keys.iter()
        .position(|key| key.broker == broker && key.proof.secret == input.secret)
}
