use std::collections::BTreeSet;
use std::sync::Arc;

use adyton_appraisal::{Appraised, Context, PlatformPolicy, appraise};
use adyton_crypto::{Rng as _, SecretArray, SecretBytes, SigningKey, random, sha256};
use adyton_merkle::{LogKey, Origin};
use adyton_protocol::{
    Answer, Card, Challenge, EpochTokens, Freshness, Grant, Leaf, LeafPlatform, LeafType,
    Operation, Operations, PendingRelease, ReleaseDraft, Request, RequestError, RunKeys,
    SealedRelease, policy_commitment, secret_commitment,
};
use adyton_tee_software::{PlatformKey, SoftwareReport};
use adyton_types::{
    Evidence, Fingerprint, Name, ProgramMeasurement, Protection, Protections, ReportData,
    Sha256Digest, TeeKind, UnixTime,
};
use adyton_verifier::{Endorsements, verify};

use super::{FixedRng, Script, inclusion, manifest, root};

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
pub(crate) const EXECUTABLE: Sha256Digest = Sha256Digest::new([0xee; 32]);
pub(crate) const POLICY: Sha256Digest = Sha256Digest::new([0xdd; 32]);

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(crate) fn names(secrets: &[&str]) -> Operations {
    let operation = |secret: &&str| Operation {
        secret: name(secret),
        purpose: name("heart-disease-model"),
    };
    Operations::new(secrets.iter().map(operation).collect()).unwrap()
}

/// A broker with its log, a platform, and one run of an enclave on it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) rng: FixedRng,
    pub(crate) answer_key: SigningKey,
    pub(crate) log: LogKey,
    pub(crate) platform: PlatformKey,
    pub(crate) tokens: EpochTokens,
    pub(crate) keys: Arc<RunKeys>,
    pub(crate) program: ProgramMeasurement,
}

impl World {
    /// The seeds of world 1.
    pub(crate) const EPOCH_KEY: [u8; 32] = [0xe1; 32];
    pub(crate) const KEM_SEED: [u8; 32] = [0xa1; 32];
    pub(crate) const SIG_SEED: [u8; 32] = [0xb1; 32];

    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = FixedRng::new(seed);
        let answer_key = SigningKey::generate(&mut rng);
        let origin: Origin = "broker.example/log".parse().unwrap();
        let log = LogKey::new(origin, SigningKey::generate(&mut rng));
        let platform = PlatformKey::generate(&mut Script::new(platform_seed(seed).to_vec()));
        let card = card(&answer_key, &log);
        let (epoch, run) = if seed == 1 {
            (Self::EPOCH_KEY, [Self::KEM_SEED, Self::SIG_SEED].concat())
        } else {
            let mut run = vec![0; 64];
            rng.fill_bytes(&mut run);
            (*random::<32>(&mut rng).expose(), run)
        };
        Self {
            tokens: EpochTokens::new(card.id(), SecretArray::fill_with(|key| *key = epoch)),
            keys: RunKeys::generate(&mut Script::new(run)),
            rng,
            answer_key,
            log,
            platform,
            program: ProgramMeasurement::new(adyton_crypto::sha384(&[&manifest(None)])),
        }
    }

    /// The platform key of a world, to forge with.
    pub(crate) fn platform_signing_key(seed: u64) -> SigningKey {
        let seed = platform_seed(seed);
        SigningKey::from_seed(&SecretArray::fill_with(|bytes| *bytes = seed))
    }

    pub(crate) fn card(&self) -> Card {
        card(&self.answer_key, &self.log)
    }

    pub(crate) fn id(&self) -> Fingerprint {
        self.card().id()
    }

    pub(crate) fn token(&mut self) -> Freshness {
        self.tokens.mint(NOW, &mut self.rng)
    }

    pub(crate) fn challenge(&mut self) -> Challenge {
        Challenge {
            card: self.card(),
            token: self.token(),
        }
    }

    pub(crate) fn evidence(&self, report_data: ReportData) -> Evidence {
        let protections = Protections::from(Protection::ALL);
        Evidence {
            kind: TeeKind::Software,
            bytes: SoftwareReport::new(report_data, EXECUTABLE, protections).sign(&self.platform),
        }
    }

    pub(crate) fn policy(&self) -> PlatformPolicy {
        PlatformPolicy::software(
            BTreeSet::from([EXECUTABLE.into()]),
            BTreeSet::from([self.platform.fingerprint().into()]),
            1,
            Protections::from(Protection::ALL),
        )
        .unwrap()
    }

    /// The enclave asks for two secrets.
    pub(crate) fn ask(&mut self) -> PendingRelease {
        self.ask_for(&["hospital-a", "hospital-b"])
    }

    pub(crate) fn ask_for(&mut self, secrets: &[&str]) -> PendingRelease {
        let challenge = self.challenge();
        let operations = names(secrets);
        let draft =
            ReleaseDraft::new(&self.keys, self.id(), challenge, self.program, operations).unwrap();
        let evidence = self.evidence(draft.report_data());
        draft.finish(&evidence)
    }

    /// The broker's way with a request, up to the appraisal.
    pub(crate) fn admit(&self, bytes: &[u8]) -> Result<(Request, Appraised), Refusal> {
        let request = Request::parse(bytes)?;
        request.authenticate(&self.tokens, NOW)?;
        let expected = request.binding().report_data();
        let verified = verify(request.evidence(), &Endorsements::new(), &expected, NOW)
            .map_err(|_| Refusal::Evidence)?;
        let appraised = appraise(&verified, &[self.policy()], &Context::at(NOW))
            .map_err(|_| Refusal::Appraisal)?;
        Ok((request, appraised))
    }

    /// The leaf of a release, as an honest broker writes it.
    pub(crate) fn leaf(&self, secret: &Name, version: u64, request: Sha256Digest) -> Leaf {
        Leaf {
            leaf_type: LeafType::Release,
            time: NOW,
            request: Some(request),
            secret: Some(secret_commitment(&[0x5a; 16], secret)),
            version: Some(version),
            policy: Some(policy_commitment(&[0x5a; 16], &POLICY)),
            program: Some(self.program),
            platform: Some(LeafPlatform {
                kind: TeeKind::Software,
                measurement: EXECUTABLE.into(),
                id: self.platform.fingerprint().into(),
            }),
            detail: String::new(),
        }
    }

    /// What an honest broker answers: version `3 + n` of the n-th secret, whose value is
    /// `key of NAME`.
    pub(crate) fn answer(&mut self, pending: &PendingRelease) -> Answer {
        let (request, appraised) = self.admit(pending.request()).unwrap();
        let mut answer = Answer {
            card: self.card(),
            request: *request.digest(),
            releases: Vec::new(),
            checkpoint: String::new(),
            token: self.token(),
        };
        for (version, operation) in (3..).zip(request.operations().as_slice()) {
            let secret = operation.secret.clone();
            let value = format!("key of {secret}").into_bytes();
            let grant = Grant {
                salt: [0x5a; 16],
                version,
                policy: POLICY,
                value: SecretBytes::new(value),
                leaf: self.leaf(&secret, version, *request.digest()),
                index: 0,
                path: Vec::new(),
                secret,
            };
            let sealed = SealedRelease::seal(grant, &request, &appraised, &mut self.rng);
            answer.releases.push(sealed.unwrap());
        }
        self.relog(&mut answer);
        answer
    }

    /// Writes a log that holds the answer's leaves behind a boot leaf, and proves them by it.
    pub(crate) fn relog(&self, answer: &mut Answer) {
        let mut leaves = vec![Leaf {
            leaf_type: LeafType::Boot,
            request: None,
            secret: None,
            version: None,
            policy: None,
            program: None,
            platform: None,
            ..self.leaf(&name("none"), 0, POLICY)
        }];
        leaves.extend(answer.releases.iter().map(|release| release.leaf.clone()));
        for (index, release) in (1..).zip(&mut answer.releases) {
            release.index = index as u64;
            release.path = inclusion(&leaves, index);
        }
        answer.checkpoint = self.log.sign(leaves.len() as u64, root(&leaves));
    }
}

fn platform_seed(seed: u64) -> [u8; 32] {
    sha256(&[b"platform", &seed.to_be_bytes()])
}

fn card(answer_key: &SigningKey, log: &LogKey) -> Card {
    let spki = Sha256Digest::new([0xcc; 32]);
    Card::new(answer_key.verifying_key(), log.verifier(), spki)
}

/// At which step a broker refuses a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Request(RequestError),
    Evidence,
    Appraisal,
}

impl From<RequestError> for Refusal {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}
