use std::sync::Arc;

use adyton_crypto::os_rng;
use adyton_protocol::{
    Challenge, ErrorBody, Operation, Operations, PendingRelease, ReleaseDraft, Released, RunKeys,
    VerifiedDenial,
};
use adyton_tee_software::{PlatformKey, SoftwareReport};
use adyton_transport::{Answer, BlockingClient, BrokerAddress, ClientLimits};
use adyton_types::{
    Evidence, Fingerprint, ProgramMeasurement, Protection, Protections, ReportData, Sha256Digest,
    TeeKind,
};

/// What the software TEE states, and by which key; made to be bent.
pub(crate) struct Enclave {
    pub(crate) platform: PlatformKey,
    pub(crate) keys: Arc<RunKeys>,
    pub(crate) program: ProgramMeasurement,
    pub(crate) executable: Sha256Digest,
    pub(crate) protections: Protections,
}

/// What a broker made of a request.
#[derive(Debug)]
pub(crate) enum Asked {
    Released(Box<Released>),
    Denied(VerifiedDenial),
    Failed(u16, ErrorBody),
}

impl Asked {
    /// Values of the secrets and indices of their leaves.
    pub(crate) fn released(self) -> Vec<(Vec<u8>, u64)> {
        let Self::Released(released) = self else {
            panic!("{self:?}");
        };
        let (secrets, proofs, _) = released.into_parts();
        let values = secrets.iter().map(|s| s.value.expose().to_vec());
        values.zip(proofs.iter().map(|proof| proof.index)).collect()
    }

    /// The claims that failed.
    pub(crate) fn denied(self) -> Vec<String> {
        let Self::Denied(denial) = self else {
            panic!("{self:?}");
        };
        let claims = denial.denied().iter().map(|d| d.failed.claim.clone());
        claims.collect()
    }

    /// The status of an error that is no denial.
    pub(crate) fn failed(self) -> u16 {
        match self {
            Self::Failed(status, body) => {
                assert_eq!(body.class.http_status(), status, "{}", body.error);
                status
            }
            other => panic!("{other:?}"),
        }
    }
}

impl Enclave {
    pub(crate) fn new() -> Self {
        Self {
            platform: PlatformKey::generate(&mut os_rng()),
            keys: RunKeys::generate(&mut os_rng()),
            program: ProgramMeasurement::new([0xab; 48]),
            executable: Sha256Digest::new([0xcd; 32]),
            protections: Protections::from(Protection::ALL),
        }
    }

    /// The same machine and program, run anew.
    pub(crate) fn again(&mut self) -> &Self {
        self.keys = RunKeys::generate(&mut os_rng());
        self
    }

    pub(crate) fn draft(
        &self,
        broker: Fingerprint,
        challenge: Challenge,
        secrets: &[&str],
    ) -> ReleaseDraft {
        let operations = secrets.iter().map(|secret| Operation {
            secret: secret.parse().unwrap(),
            purpose: "study".parse().unwrap(),
        });
        let operations = Operations::new(operations.collect()).unwrap();
        ReleaseDraft::new(&self.keys, broker, challenge, self.program, operations).unwrap()
    }

    pub(crate) fn evidence(&self, report_data: ReportData) -> Evidence {
        let report = SoftwareReport::new(report_data, self.executable, self.protections.clone());
        Evidence {
            kind: TeeKind::Software,
            bytes: report.sign(&self.platform),
        }
    }

    /// A request on a challenge.
    pub(crate) fn request(
        &self,
        broker: Fingerprint,
        challenge: Challenge,
        secrets: &[&str],
    ) -> PendingRelease {
        let draft = self.draft(broker, challenge, secrets);
        let evidence = self.evidence(draft.report_data());
        draft.finish(&evidence)
    }

    /// A fresh request, on the broker's own challenge.
    pub(crate) fn fresh(&self, client: &mut BlockingClient, secrets: &[&str]) -> PendingRelease {
        let id = client.card().unwrap().id();
        let challenge = challenge(client);
        self.request(id, challenge, secrets)
    }
}

pub(crate) fn connect(address: &BrokerAddress) -> BlockingClient {
    BlockingClient::connect(address, ClientLimits::default()).unwrap()
}

pub(crate) fn challenge(client: &mut BlockingClient) -> Challenge {
    let answer = client.get("/v1/challenge").unwrap();
    assert_eq!(answer.status, 200);
    Challenge::parse(&answer.body).unwrap()
}

/// Sends a request and looks at what comes back as an enclave does.
pub(crate) fn send(client: &mut BlockingClient, pending: &PendingRelease) -> Asked {
    let answer = client.post("/v1/release", pending.request().to_vec());
    look(pending, &answer.unwrap())
}

pub(crate) fn look(pending: &PendingRelease, answer: &Answer) -> Asked {
    match answer.status {
        200 => Asked::Released(Box::new(pending.open(&answer.body).unwrap())),
        403 => match pending.open_denial(&answer.body) {
            Ok(denial) => Asked::Denied(denial),
            Err(_) => Asked::Failed(403, ErrorBody::parse(&answer.body).unwrap()),
        },
        status => Asked::Failed(status, ErrorBody::parse(&answer.body).unwrap()),
    }
}
