use std::cell::Cell;
use std::sync::Arc;

use adyton_broker::{
    AdminCommand, AdminError, AdminReply, BrokerIdentity, Effect, Engine, ReleaseDocument,
    ReleaseError,
};
use adyton_crypto::{SecretArray, SecretBytes, SigningKey, os_rng};
use adyton_merkle::{Frontier, leaf_hash};
use adyton_protocol::{
    Challenge, Leaf, Operation, Operations, PendingRelease, ReleaseDraft, RunKeys,
};
use adyton_tee_software::{PlatformKey, SoftwareReport};
use adyton_types::{
    Evidence, Name, ProgramMeasurement, Protection, Protections, ReportData, Sha256Digest, TeeKind,
    UnixTime,
};

use crate::support::MemoryStore;

/// 2026-06-01T00:00:00Z.
pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_780_272_000);
pub(crate) const PROGRAM: [u8; 48] = [0xab; 48];
pub(crate) const EXECUTABLE: [u8; 32] = [0xcd; 32];

pub(crate) fn name(name: &str) -> Name {
    name.parse().expect("a name")
}

/// A broker with its owner, and an enclave that asks it.
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) engine: Engine,
    pub(crate) now: Cell<UnixTime>,
    pub(crate) platform: PlatformKey,
    pub(crate) keys: Arc<RunKeys>,
}

/// What an enclave states about itself; the default is what [`document`] allows.
#[derive(Clone)]
pub(crate) struct Shape {
    pub(crate) program: [u8; 48],
    pub(crate) executable: [u8; 32],
    pub(crate) svn: u64,
    pub(crate) protections: Protections,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            program: PROGRAM,
            executable: EXECUTABLE,
            svn: 1,
            protections: Protections::from(Protection::ALL),
        }
    }
}

/// What the broker made of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The secrets, and the indices of their leaves.
    Released(Vec<(Vec<u8>, u64)>),
    /// The claims that failed.
    Denied(Vec<String>),
}

/// The claims of a denial; panics on an answer.
pub(crate) fn claims(asked: Asked) -> Vec<String> {
    match asked {
        Asked::Denied(claims) => claims,
        Asked::Released(_) => panic!("released"),
    }
}

/// A document about `secret` that the default enclave satisfies, on platform `id`.
pub(crate) fn document(secret: &str, id: &PlatformKey) -> String {
    format!(
        r#"
        version = 1
        secret = "{secret}"
        purpose = "study"
        programs = ["{}"]
        not-before = "2026-01-01T00:00:00Z"
        not-after = "2027-01-01T00:00:00Z"
        max-releases = 3

        [[platform]]
        kind = "software"
        measurements = ["{}"]
        platform-ids = ["{}"]
        min-svn = 1
        require = ["landlock", "no-core", "seccomp", "secret-memory", "traced"]
        "#,
        ProgramMeasurement::new(PROGRAM),
        Sha256Digest::new(EXECUTABLE),
        id.fingerprint(),
    )
}

fn engine() -> Engine {
    let key = |n| SigningKey::from_seed(&SecretArray::fill_with(|b| b.fill(n)));
    let identity = BrokerIdentity {
        answer_key: key(1),
        log_key: key(2),
        origin: "broker.test/log".parse().expect("an origin"),
        tls_spki: Sha256Digest::new([3; 32]),
    };
    Engine::new(identity, &mut os_rng())
}

impl World {
    /// A broker that holds `a` with its document.
    pub(crate) fn new() -> Self {
        let world = Self::empty();
        world.put("a", b"value-1");
        world.allow(&document("a", &world.platform));
        world
    }

    pub(crate) fn empty() -> Self {
        Self {
            store: MemoryStore::default(),
            engine: engine(),
            now: Cell::new(NOW),
            platform: PlatformKey::generate(&mut os_rng()),
            keys: RunKeys::generate(&mut os_rng()),
        }
    }

    /// Restarts the broker: the store stays, the epoch key goes.
    pub(crate) fn restart(&mut self) {
        self.engine = engine();
        let booted = self.engine.boot(&self.store, self.now.get());
        booted.expect("a store that works");
    }

    pub(crate) fn at(&self, time: &str) -> &Self {
        self.now.set(time.parse().expect("a time"));
        self
    }

    pub(crate) fn later(&self, secs: u64) -> &Self {
        self.now.set(self.now.get().plus_secs(secs));
        self
    }

    pub(crate) fn admin(&self, command: &AdminCommand) -> Result<AdminReply, AdminError> {
        // Through its encoding, as it comes over the socket.
        let command = AdminCommand::parse(command.encode().expose())?;
        let now = self.now.get();
        let reply = self
            .engine
            .administer(&self.store, command, now, &mut os_rng())?;
        AdminReply::parse(&reply.encode())
    }

    pub(crate) fn put(&self, secret: &str, value: &[u8]) -> u64 {
        let put = AdminCommand::SecretPut {
            name: name(secret),
            value: SecretBytes::new(value.to_vec()),
            note: "a.age".to_owned(),
        };
        match self.admin(&put).expect("put") {
            AdminReply::Recorded { version, .. } => version,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn allow(&self, toml: &str) -> ReleaseDocument {
        let document: ReleaseDocument = toml.parse().expect("a document");
        let put = AdminCommand::PolicyPut {
            document: document.clone(),
        };
        self.admin(&put).expect("put");
        document
    }

    pub(crate) fn challenge(&self) -> Challenge {
        let bytes = self.engine.challenge(self.now.get(), &mut os_rng());
        Challenge::parse(&bytes).expect("a challenge")
    }

    /// A request of the enclave, on a challenge.
    pub(crate) fn request(
        &self,
        challenge: Challenge,
        operations: &[(&str, &str)],
        shape: &Shape,
    ) -> PendingRelease {
        self.request_with(challenge, operations, shape.program, |data| {
            let executable = Sha256Digest::new(shape.executable);
            let mut report = SoftwareReport::new(data, executable, shape.protections.clone());
            report.svn = shape.svn;
            Evidence {
                kind: TeeKind::Software,
                bytes: report.sign(&self.platform),
            }
        })
    }

    /// A request with Evidence of any kind over its report data.
    pub(crate) fn request_with(
        &self,
        challenge: Challenge,
        operations: &[(&str, &str)],
        program: [u8; 48],
        evidence: impl FnOnce(ReportData) -> Evidence,
    ) -> PendingRelease {
        let operations = operations.iter().map(|(secret, purpose)| Operation {
            secret: name(secret),
            purpose: name(purpose),
        });
        let operations = Operations::new(operations.collect()).expect("operations");
        let program = ProgramMeasurement::new(program);
        let broker = self.engine.id();
        let draft = ReleaseDraft::new(&self.keys, broker, challenge, program, operations);
        let draft = draft.expect("the right broker");
        let evidence = evidence(draft.report_data());
        draft.finish(&evidence)
    }

    /// Sends a request, and gives what comes back.
    pub(crate) fn release(&self, pending: &PendingRelease) -> Result<Effect, ReleaseError> {
        let (now, request) = (self.now.get(), pending.request());
        self.engine
            .release(&self.store, request, now, &mut os_rng())
    }

    /// Sends a request, and looks at what comes back as an enclave does.
    pub(crate) fn send(&self, pending: &PendingRelease) -> Result<Asked, ReleaseError> {
        Ok(match self.release(pending)? {
            Effect::Answer(answer) => {
                let released = pending.open(&answer).expect("an answer that verifies");
                let (secrets, proofs, _) = released.into_parts();
                let values = secrets.iter().map(|s| s.value.expose().to_vec());
                let indices = proofs.iter().map(|proof| proof.index);
                Asked::Released(values.zip(indices).collect())
            }
            Effect::Denial(denial) => {
                let denial = pending.open_denial(&denial).expect("a denial");
                let claims = denial.denied().iter().map(|d| d.failed.claim.clone());
                Asked::Denied(claims.collect())
            }
        })
    }

    /// Asks anew, for `a` and the allowed purpose.
    pub(crate) fn ask(&self, shape: &Shape) -> Result<Asked, ReleaseError> {
        self.send(&self.request(self.challenge(), &[("a", "study")], shape))
    }

    /// The log, after verifying that the checkpoint is over exactly these entries.
    pub(crate) fn log(&self) -> Vec<Leaf> {
        let mut entries: Vec<Vec<u8>> = Vec::new();
        loop {
            let from = entries.len() as u64;
            let reply = self.admin(&AdminCommand::Log { from, limit: 1000 });
            let Ok(AdminReply::Log {
                entries: more,
                checkpoint,
                ..
            }) = reply
            else {
                panic!("no log");
            };
            if more.is_empty() {
                let checkpoint = self.engine.card().log().open(&checkpoint);
                let checkpoint = checkpoint.expect("a checkpoint");
                let mut tree = Frontier::new();
                for entry in &entries {
                    tree.append(leaf_hash(entry));
                }
                assert_eq!(checkpoint.size, entries.len() as u64);
                assert_eq!(checkpoint.root, tree.root());
                let leaves = entries.iter().map(|entry| Leaf::parse(entry));
                return leaves.collect::<Result<_, _>>().expect("leaves");
            }
            entries.extend(more);
        }
    }

    /// Type and detail of every leaf.
    pub(crate) fn log_words(&self) -> Vec<String> {
        let words = |leaf: &Leaf| format!("{} {}", leaf.leaf_type, leaf.detail);
        let log = self.log();
        log.iter()
            .map(|leaf| words(leaf).trim_end().to_owned())
            .collect()
    }

    /// How often the document of `a` was used.
    pub(crate) fn count(&self) -> u64 {
        match self.admin(&AdminCommand::PolicyShow { secret: name("a") }) {
            Ok(AdminReply::Policy { releases, .. }) => releases,
            other => panic!("{other:?}"),
        }
    }
}
