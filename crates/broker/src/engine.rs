use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use adyton_crypto::{CryptoRng, SigningKey};
use adyton_merkle::{Frontier, LogKey, Origin, Tile, TileKind, encode_entry_bundle};
use adyton_protocol::{Card, Challenge, EpochTokens, Leaf, LeafType, Request};
use adyton_types::{Fingerprint, Sha256Digest, UnixTime};
use adyton_verifier::verify;

use crate::committed::{Committed, Effect};
use crate::decide::{Outcome, decide};
use crate::denials::Unrecorded;
use crate::log::{LogHead, LogNodes, LogRow, LogWriter};
use crate::verified::VerifiedRequest;
use crate::{BrokerStore, Judging, ReleaseError, StateError};

/// What a broker is known by, and what it signs with.
#[derive(Debug)]
pub struct BrokerIdentity {
    /// Signs answers and denials.
    pub answer_key: SigningKey,
    /// Signs checkpoints.
    pub log_key: SigningKey,
    /// The log's name.
    pub origin: Origin,
    /// SHA-256 of the TLS certificate's `SubjectPublicKeyInfo`.
    pub tls_spki: Sha256Digest,
}

impl BrokerIdentity {
    /// The card, whose digest is the broker's id.
    #[must_use]
    pub fn card(&self) -> Card {
        let log =
            adyton_merkle::LogVerifier::new(self.origin.clone(), self.log_key.verifying_key());
        Card::new(self.answer_key.verifying_key(), log, self.tls_spki)
    }
}

/// The broker: request in, answer or denial out. It holds keys and no state; what it decides on is
/// in a [`BrokerStore`], and one engine serves any number of threads.
///
/// A release takes three steps, each of which takes what the one before has left:
/// [`verify`](Self::verify) bytes → [`VerifiedRequest`], [`commit`](Self::commit) →
/// [`Committed`], [`answer`](Self::answer) → bytes. Nothing can be sealed before the record of it
/// is durable, because only `commit` makes a [`Committed`].
#[derive(Debug)]
pub struct Engine {
    card: Card,
    id: Fingerprint,
    answer_key: SigningKey,
    log_key: LogKey,
    tokens: EpochTokens,
    /// The latest time that this engine was told: its clock does not go back.
    latest: AtomicU64,
    /// Denials that were not recorded since the last that was.
    unrecorded: Arc<AtomicU64>,
    judging: RwLock<Arc<Judging>>,
}

impl Engine {
    /// Starts, with a new epoch of tokens, and no Endorsements: until [`set_judging`] hands some in,
    /// Evidence of hardware that needs any is refused with a list of them.
    ///
    /// [`set_judging`]: Self::set_judging
    pub fn new(identity: BrokerIdentity, rng: &mut impl CryptoRng) -> Self {
        let card = identity.card();
        let id = card.id();
        Self {
            tokens: EpochTokens::generate(id, rng),
            card,
            id,
            answer_key: identity.answer_key,
            log_key: LogKey::new(identity.origin, identity.log_key),
            latest: AtomicU64::new(0),
            unrecorded: Arc::new(AtomicU64::new(0)),
            judging: RwLock::default(),
        }
    }

    /// The broker's card.
    #[must_use]
    pub const fn card(&self) -> &Card {
        &self.card
    }

    /// The broker's id, which people pin.
    #[must_use]
    pub const fn id(&self) -> Fingerprint {
        self.id
    }

    /// Replaces what Evidence of hardware is judged by, for every request that is verified from now
    /// on. A request is decided by what it was verified by.
    pub fn set_judging(&self, judging: Judging) {
        let mut current = self.judging.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(judging);
    }

    /// What Evidence of hardware is judged by.
    #[must_use]
    pub fn judging(&self) -> Arc<Judging> {
        let current = self.judging.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// A clock that went back would let a token live again whose decision is forgotten.
    pub(crate) fn not_back(&self, now: UnixTime) -> UnixTime {
        let before = self.latest.fetch_max(now.as_secs(), Ordering::Relaxed);
        UnixTime::from_secs(before.max(now.as_secs()))
    }

    /// Records that the broker has started; to be called once, before anything is answered.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn boot(&self, store: &impl BrokerStore, now: UnixTime) -> Result<(), StateError> {
        let leaf = Leaf {
            leaf_type: LeafType::Boot,
            time: self.not_back(now),
            request: None,
            secret: None,
            version: None,
            policy: None,
            program: None,
            platform: None,
            detail: String::new(),
        };
        store.transact(move |state| {
            let mut log = LogWriter::open(LogHead::read(state)?);
            // Tokens of an earlier start are none any more. A horizon that a wrong clock had then
            // would refuse all requests until that time comes.
            log.seen_from = 0;
            log.append(state, &leaf)?;
            log.close(state).map(drop)
        })
    }

    /// Answer to `GET /v1/challenge`.
    #[must_use]
    pub fn challenge(&self, now: UnixTime, rng: &mut impl CryptoRng) -> Vec<u8> {
        let challenge = Challenge {
            card: self.card.clone(),
            token: self.tokens.mint(self.not_back(now), rng),
        };
        challenge.encode()
    }

    /// First step: verifies everything that needs no state. Costs signatures and no I/O, so it may
    /// run in many threads.
    ///
    /// # Errors
    /// [`ReleaseError`].
    pub fn verify(&self, request: &[u8], now: UnixTime) -> Result<VerifiedRequest, ReleaseError> {
        let now = self.not_back(now);
        let request = Request::parse(request)?;
        let binding = request.binding();
        self.tokens.verify(&binding.fresh, now)?;
        if binding.relying_party != self.id {
            return Err(ReleaseError::AnotherBroker {
                expected: self.id,
                found: binding.relying_party,
            });
        }
        let judging = self.judging();
        let expected = binding.report_data();
        let evidence = verify(request.evidence(), &judging.endorsements, &expected, now)?;
        // The token was just verified to be one of ours, which has its time here.
        let time = binding.fresh.as_bytes().get(1..9);
        let time = time.and_then(|time| time.try_into().ok());
        let token_time = time.map(u64::from_be_bytes).unwrap_or_default();
        Ok(VerifiedRequest::new(request, evidence, token_time, judging))
    }

    /// Second step: decides, and makes the decision durable, in one transaction that counts the
    /// releases, remembers the binding and appends the leaves.
    ///
    /// # Errors
    /// [`ReleaseError`]. After [`ReleaseError::State`] the decision may or may not have become
    /// durable; nothing was sealed, and the same request can be sent again.
    pub fn commit(
        &self,
        store: &impl BrokerStore,
        request: VerifiedRequest,
        now: UnixTime,
    ) -> Result<Committed, ReleaseError> {
        let now = self.not_back(now);
        let unrecorded = Arc::new(Unrecorded::new(&self.unrecorded));
        let inside = Arc::clone(&unrecorded);
        let decided = store.transact(move |state| {
            let outcome = decide(state, &request, now, &inside)?;
            Ok((request, outcome))
        });
        let (request, outcome) = decided.inspect_err(|_| unrecorded.take_back())?;
        match outcome {
            Outcome::Stale => Err(ReleaseError::TokenRanOut),
            outcome => Ok(Committed::new(request, outcome)),
        }
    }

    /// Third step: signs the checkpoint, seals the secrets, and signs the answer; or signs the
    /// denial.
    ///
    /// # Errors
    /// [`ReleaseError::Seal`].
    pub fn answer(
        &self,
        committed: Committed,
        now: UnixTime,
        rng: &mut impl CryptoRng,
    ) -> Result<Effect, ReleaseError> {
        let token = self.tokens.mint(self.not_back(now), rng);
        committed.into_effect(&self.card, &self.answer_key, &self.log_key, token, rng)
    }

    /// The three steps one after the other.
    ///
    /// # Errors
    /// [`ReleaseError`].
    pub fn release(
        &self,
        store: &impl BrokerStore,
        request: &[u8],
        now: UnixTime,
        rng: &mut impl CryptoRng,
    ) -> Result<Effect, ReleaseError> {
        let verified = self.verify(request, now)?;
        let committed = self.commit(store, verified, now)?;
        self.answer(committed, now, rng)
    }

    /// The log's signed checkpoint: answer to `GET /v1/checkpoint`.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn checkpoint(&self, store: &impl BrokerStore) -> Result<String, StateError> {
        let head = store.view(|state| LogHead::read(state))?;
        Ok(self.sign_checkpoint(&head.frontier))
    }

    pub(crate) fn sign_checkpoint(&self, frontier: &Frontier) -> String {
        self.log_key.sign(frontier.size(), frontier.root())
    }

    /// A file of the log's static layout; `None` if the log does not reach so far.
    ///
    /// # Errors
    /// [`StateError`].
    pub fn tile(
        &self,
        store: &impl BrokerStore,
        tile: &Tile,
    ) -> Result<Option<Vec<u8>>, StateError> {
        store.view(|state| {
            let size = LogHead::read(state)?.frontier.size();
            let have = match tile.kind {
                TileKind::Entries => size,
                TileKind::Level(level) => size.checked_shr(u32::from(level) * 8).unwrap_or(0),
            };
            if tile.range().last().is_none_or(|last| last >= have) {
                return Ok(None);
            }
            if tile.kind != TileKind::Entries {
                return tile.encode(&LogNodes(state)).map(Some);
            }
            let rows = tile.range().map(|index| LogRow::read(state, index));
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            let entries = rows.iter().flatten().map(|row| row.entry.as_slice());
            Ok(Some(encode_entry_bundle(entries)?))
        })
    }
}
