//! A service on a software TEE, its owner, and clients.

use std::collections::BTreeSet;
use std::time::Duration;

use adyton_appraisal::{Judging, PlatformPolicy};
use adyton_crypto::{KemKeyPair, SigningKey, os_rng};
use adyton_lookup::{
    ClientError, ClientSession, Done, Engine, Found, Greeting, Key, KeyKind, LookupError, Pins,
    Terms, TokenTerms, Update,
};
use adyton_oblivious::Alone;
use adyton_tee_software::{PlatformKey, SoftwareReport};
use adyton_types::{Evidence, Fingerprint, Protections, Sha256Digest, TeeKind, UnixTime};

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
pub(crate) const MEASUREMENT: Sha256Digest = Sha256Digest::new([7; 32]);

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) owner: SigningKey,
    pub(crate) platform: PlatformKey,
    pub(crate) clock: Duration,
    tickets: u64,
}

impl World {
    pub(crate) fn new(keys: KeyKind, value_bytes: usize) -> Self {
        Self::with(keys, value_bytes, None)
    }

    /// With an empty table, which takes tokens.
    pub(crate) fn with_tokens(tokens: &TokenTerms) -> Self {
        let mut world = Self::with(KeyKind::Phone, 8, Some(tokens.clone()));
        let mut owner = world.owner();
        world.load(&mut owner, &[]).unwrap();
        world
    }

    fn with(keys: KeyKind, value_bytes: usize, tokens: Option<TokenTerms>) -> Self {
        Self::with_room(keys, value_bytes, tokens, 2)
    }

    /// With memory for so many tables.
    pub(crate) fn with_room(
        keys: KeyKind,
        value_bytes: usize,
        tokens: Option<TokenTerms>,
        room: usize,
    ) -> Self {
        Self::made((keys, value_bytes, 1000), tokens, room)
    }

    /// Of phone numbers, for so many records.
    pub(crate) fn of_capacity(capacity: usize) -> Self {
        Self::made((KeyKind::Phone, 64, capacity), None, 2)
    }

    fn made(
        (keys, value_bytes, capacity): (KeyKind, usize, usize),
        tokens: Option<TokenTerms>,
        room: usize,
    ) -> Self {
        let owner = SigningKey::generate(&mut os_rng());
        let terms = Terms {
            keys,
            value_bytes,
            capacity,
            owner: owner.verifying_key(),
            quota: 1024,
            window_ms: 5,
            tokens,
        };
        Self {
            engine: Engine::new(terms, room, KemKeyPair::generate(&mut os_rng())),
            owner,
            platform: PlatformKey::generate(&mut os_rng()),
            clock: Duration::ZERO,
            tickets: 0,
        }
    }

    /// With a table of phone numbers from 1,000,000 on, whose values are the numbers' last digits.
    pub(crate) fn with_table(records: u64) -> Self {
        let mut world = Self::new(KeyKind::Phone, 8);
        let records: Vec<_> = (0..records).map(record).collect();
        let mut owner = world.owner();
        world.load(&mut owner, &records).unwrap();
        world
    }

    pub(crate) fn greet(&mut self, greeting: &Greeting) -> Vec<u8> {
        let greeted = self
            .engine
            .hello(&greeting.hello(), self.clock, &mut os_rng())
            .unwrap();
        let protections = Protections::new();
        let report = SoftwareReport::new(*greeted.report_data(), MEASUREMENT, protections);
        let evidence = Evidence {
            kind: TeeKind::Software,
            bytes: report.sign(&self.platform),
        };
        self.engine.welcome(&greeted, evidence)
    }

    pub(crate) fn policy(&self) -> PlatformPolicy {
        PlatformPolicy::software(
            BTreeSet::from([MEASUREMENT.into()]),
            BTreeSet::from([self.platform.fingerprint().into()]),
            1,
            Protections::new(),
        )
        .unwrap()
    }

    pub(crate) fn verify(
        &self,
        greeting: &Greeting,
        welcome: &[u8],
        owner: Fingerprint,
        policy: PlatformPolicy,
    ) -> Result<ClientSession, ClientError> {
        let (platforms, judging) = ([policy], Judging::default());
        let pins = Pins {
            owner,
            platforms: &platforms,
            judging: &judging,
        };
        greeting.verify(welcome, &pins, NOW, &mut os_rng())
    }

    /// A client with a session.
    pub(crate) fn client(&mut self) -> ClientSession {
        let greeting = Greeting::new(&mut os_rng());
        let welcome = self.greet(&greeting);
        let owner = self.owner.verifying_key().fingerprint();
        self.verify(&greeting, &welcome, owner, self.policy())
            .unwrap()
    }

    /// The owner with a session of its own.
    pub(crate) fn owner(&mut self) -> ClientSession {
        let mut session = self.client();
        let claim = session.owner(&self.owner).unwrap();
        self.done(&session, &claim).unwrap();
        session
    }

    /// Hands a message in; a query waits then.
    pub(crate) fn send(&mut self, message: &[u8]) -> Result<Option<Vec<u8>>, LookupError> {
        self.tickets += 1;
        self.engine
            .request(self.tickets, message, self.clock, &mut os_rng())
    }

    pub(crate) fn done(
        &mut self,
        session: &ClientSession,
        message: &[u8],
    ) -> Result<Done, LookupError> {
        let answer = self.send(message)?.expect("no query");
        Ok(session.done(&answer).unwrap())
    }

    pub(crate) fn load(
        &mut self,
        session: &mut ClientSession,
        records: &[(Key, Vec<u8>)],
    ) -> Result<Done, LookupError> {
        let begin = session.begin(records.len() as u64).unwrap();
        self.done(session, &begin)?;
        for records in records.chunks(100) {
            let rows = session.rows(records).unwrap();
            self.done(session, &rows)?;
        }
        let end = session.end().unwrap();
        self.done(session, &end)
    }

    pub(crate) fn change(
        &mut self,
        session: &mut ClientSession,
        updates: &[Update],
    ) -> Result<Done, LookupError> {
        let changes = session.changes(updates).unwrap();
        self.done(session, &changes)
    }

    /// Asks alone, and gets the answer.
    pub(crate) fn ask(
        &mut self,
        session: &mut ClientSession,
        keys: &[Key],
    ) -> Result<Found, LookupError> {
        let query = session.query(keys, &mut Vec::new()).unwrap();
        assert_eq!(self.send(&query)?, None);
        let mut ran = self.engine.run(&Alone, &mut os_rng());
        assert_eq!(ran.replies.len(), 1);
        let answer = ran.replies.remove(0).answer?;
        Ok(session.answer(&answer, keys.len()).unwrap())
    }
}

pub(crate) fn record(n: u64) -> (Key, Vec<u8>) {
    (number(n), value(n))
}

pub(crate) fn number(n: u64) -> Key {
    Key::phone(1_000_000 + n)
}

pub(crate) fn value(n: u64) -> Vec<u8> {
    n.to_be_bytes().to_vec()
}
