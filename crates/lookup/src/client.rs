use std::fmt;

use adyton_appraisal::{Appraised, Context, Judging, PlatformPolicy, appraise};
use adyton_crypto::{
    AeadKey, CryptoRng, HpkeSender, KemPublicKey, SecretBytes, SigningKey, random,
};
use adyton_tokens::{PendingToken, Token};
use adyton_types::{Fingerprint, UnixTime};
use adyton_verifier::verify;

use crate::binding::{
    ANSWER_LABEL, Binding, FRESH_BYTES, SESSION_BYTES, owner_claim, session_info,
};
use crate::class::{MAX_QUERY_KEYS, QueryClass};
use crate::client_error::ClientError;
use crate::key::Key;
use crate::message::{self, Done, MAX_ROWS_BYTES, Update};
use crate::terms::Terms;
use crate::wire::{Request, Welcome, encode_hello};

/// Whom a client trusts: there is no default for any of it.
#[derive(Debug)]
pub struct Pins<'a> {
    /// Fingerprint of the owner's key.
    pub owner: Fingerprint,
    /// Platforms, one of which must be the service's, and all of which say what runs there.
    pub platforms: &'a [PlatformPolicy],
    /// What Evidence of hardware is judged by; the software TEE's needs nothing.
    pub judging: &'a Judging,
}

/// A client that has said hello.
#[derive(Debug)]
pub struct Greeting {
    fresh: [u8; FRESH_BYTES],
}

impl Greeting {
    /// Draws what makes the Evidence fresh.
    #[must_use]
    pub fn new(rng: &mut impl CryptoRng) -> Self {
        let fresh = *random(rng).expose();
        Self { fresh }
    }

    /// The hello, to be sent.
    #[must_use]
    pub fn hello(&self) -> Vec<u8> {
        encode_hello(&self.fresh)
    }

    /// Verifies what the service answered, and opens a session with it.
    ///
    /// # Errors
    /// [`ClientError`]; then nothing is asked of this service.
    pub fn verify(
        &self,
        welcome: &[u8],
        pins: &Pins<'_>,
        now: UnixTime,
        rng: &mut impl CryptoRng,
    ) -> Result<ClientSession, ClientError> {
        for platform in pins.platforms {
            platform.require_dependable()?;
        }
        let welcome = Welcome::parse(welcome)?;
        let (expected, found) = (pins.owner, welcome.terms.owner.fingerprint());
        if expected != found {
            return Err(ClientError::OtherOwner { expected, found });
        }
        let binding = Binding {
            fresh: &self.fresh,
            session: &welcome.session,
            kem: &welcome.kem,
            terms: &welcome.terms,
        };
        let report_data = binding.report_data();
        let endorsements = &pins.judging.endorsements;
        let evidence = verify(&welcome.evidence, endorsements, &report_data, now)?;
        let context = Context {
            now,
            references: &pins.judging.references,
        };
        let platform = appraise(&evidence, pins.platforms, &context)
            .map_err(|failed| ClientError::Platform { failed })?;
        let sender = HpkeSender::new(&welcome.kem, &session_info(&report_data), rng)?;
        let key = AeadKey::new(sender.export(ANSWER_LABEL));
        Ok(ClientSession {
            terms: welcome.terms,
            session: welcome.session,
            platform,
            kem: welcome.kem,
            sender,
            key,
            sent: 0,
        })
    }
}

/// A client's side of a session. Having one tells you that its platform was accepted, and that only
/// the program measured there opens what goes over it.
///
/// Messages and answers take turns: each `query`, `owner`, ... gives what is to be sent, and the
/// answer to it is to be opened before the next.
pub struct ClientSession {
    terms: Terms,
    session: [u8; SESSION_BYTES],
    platform: Appraised,
    kem: KemPublicKey,
    sender: HpkeSender,
    key: AeadKey,
    sent: u64,
}

/// What was found, in the order of the keys.
#[derive(Debug)]
pub struct Found {
    /// How often the table had changed when it was looked up in.
    pub epoch: u64,
    /// The value of each key that is in the table.
    pub values: Vec<Option<Vec<u8>>>,
}

impl ClientSession {
    /// What the service does.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The platform that was accepted.
    #[must_use]
    pub const fn platform(&self) -> &Appraised {
        &self.platform
    }

    /// A token for this service that the issuer has yet to sign, and the request for it. None if
    /// the service takes none.
    ///
    /// # Errors
    /// [`ClientError::Token`].
    pub fn token(
        &self,
        rng: &mut impl CryptoRng,
    ) -> Result<Option<(PendingToken, Vec<u8>)>, ClientError> {
        let Some(tokens) = &self.terms.tokens else {
            return Ok(None);
        };
        let challenge = tokens.challenge(&self.kem);
        Ok(Some(PendingToken::new(&tokens.key, &challenge, rng)?))
    }

    /// A query. Its length says its class and no more. The tokens that it takes, if it takes any,
    /// are taken out of `purse`, and gone once it is sent.
    ///
    /// # Errors
    /// [`ClientError::TooManyKeys`], [`ClientError::KeyKind`], [`ClientError::Tokens`].
    pub fn query(&mut self, keys: &[Key], purse: &mut Vec<Token>) -> Result<Vec<u8>, ClientError> {
        let class = QueryClass::holding(keys.len()).ok_or(ClientError::TooManyKeys {
            found: keys.len(),
            limit: MAX_QUERY_KEYS,
        })?;
        let key_bytes = self.terms.keys.key_bytes();
        self.require_kind(keys)?;
        let (needed, left) = (self.terms.price(class), purse.len());
        if needed > left {
            return Err(ClientError::Tokens { needed, left });
        }
        let tokens = purse.split_off(left - needed);
        self.seal(message::query(class, keys, key_bytes, &tokens))
    }

    /// Opens the answer to a query of so many keys.
    ///
    /// # Errors
    /// [`ClientError::Answer`].
    pub fn answer(&self, answer: &[u8], keys: usize) -> Result<Found, ClientError> {
        let answer = self.open(answer)?;
        let class = QueryClass::holding(keys).ok_or(ClientError::Answer)?;
        let (epoch, answers) = answer
            .expose()
            .split_first_chunk::<8>()
            .ok_or(ClientError::Answer)?;
        let width = self.terms.answer_bytes();
        if answers.len() != class.keys() * width {
            return Err(ClientError::Answer);
        }
        let one = |answer: &[u8]| match answer {
            [1, value @ ..] => Some(value.to_vec()),
            _ => None,
        };
        Ok(Found {
            epoch: u64::from_be_bytes(*epoch),
            values: answers.chunks_exact(width).take(keys).map(one).collect(),
        })
    }

    /// Proves to the service that this is the owner's session.
    ///
    /// # Errors
    /// [`ClientError::Crypto`].
    pub fn owner(&mut self, key: &SigningKey) -> Result<Vec<u8>, ClientError> {
        let signature = key.sign(&owner_claim(self.platform.report_data()));
        self.seal(message::owner(&signature))
    }

    /// Begins to load a table of so many records.
    ///
    /// # Errors
    /// [`ClientError::Crypto`].
    pub fn begin(&mut self, records: u64) -> Result<Vec<u8>, ClientError> {
        self.seal(message::begin(records))
    }

    /// The next records of a table that is being loaded.
    ///
    /// # Errors
    /// [`ClientError::Rows`], [`ClientError::KeyKind`].
    pub fn rows(&mut self, records: &[(Key, Vec<u8>)]) -> Result<Vec<u8>, ClientError> {
        let keys: Vec<Key> = records.iter().map(|(key, _)| *key).collect();
        self.require_kind(&keys)?;
        let mut rows = Vec::with_capacity(records.len() * message::row_bytes(&self.terms));
        for (key, value) in records {
            rows.extend_from_slice(key.as_bytes());
            rows.extend_from_slice(value);
        }
        self.require_values(records.iter().map(|(_, value)| value))?;
        if records.is_empty() || records.len() > self.rows_a_message() {
            return Err(ClientError::Rows);
        }
        self.seal(message::rows(&rows))
    }

    /// The most records of one message, and the most changes.
    #[must_use]
    pub fn rows_a_message(&self) -> usize {
        MAX_ROWS_BYTES / (1 + message::row_bytes(&self.terms))
    }

    /// Ends a load: the table serves from now on.
    ///
    /// # Errors
    /// [`ClientError::Crypto`].
    pub fn end(&mut self) -> Result<Vec<u8>, ClientError> {
        self.seal(message::end())
    }

    /// Changes the table that serves, all at once.
    ///
    /// # Errors
    /// [`ClientError::Rows`], [`ClientError::KeyKind`].
    pub fn changes(&mut self, updates: &[Update]) -> Result<Vec<u8>, ClientError> {
        let key = |update: &Update| match update {
            Update::Put(key, _) | Update::Remove(key) => *key,
        };
        let keys: Vec<Key> = updates.iter().map(key).collect();
        self.require_kind(&keys)?;
        self.require_values(updates.iter().filter_map(|update| match update {
            Update::Put(_, value) => Some(value),
            Update::Remove(_) => None,
        }))?;
        if updates.is_empty() || updates.len() > self.rows_a_message() {
            return Err(ClientError::Rows);
        }
        self.seal(message::changes(updates, self.terms.value_bytes))
    }

    /// Opens the answer to an owner's message.
    ///
    /// # Errors
    /// [`ClientError::Answer`].
    pub fn done(&self, answer: &[u8]) -> Result<Done, ClientError> {
        Done::parse(self.open(answer)?.expose()).ok_or(ClientError::Answer)
    }

    fn require_kind(&self, keys: &[Key]) -> Result<(), ClientError> {
        let wanted = self.terms.keys.key_bytes();
        match keys.iter().position(|key| key.as_bytes().len() != wanted) {
            Some(index) => Err(ClientError::KeyKind { index }),
            None => Ok(()),
        }
    }

    fn require_values<'v>(
        &self,
        mut values: impl Iterator<Item = &'v Vec<u8>>,
    ) -> Result<(), ClientError> {
        match values.all(|value| value.len() == self.terms.value_bytes) {
            true => Ok(()),
            false => Err(ClientError::Rows),
        }
    }

    fn seal(&mut self, message: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        let message = SecretBytes::new(message);
        let sealed = self.sender.seal(message.expose(), b"")?;
        let request = Request {
            session: self.session,
            enc: (self.sent == 0).then(|| self.sender.enc().into()),
            sealed: sealed.into(),
        };
        self.sent += 1;
        Ok(request.encode())
    }

    /// Opens the answer to the last message.
    fn open(&self, answer: &[u8]) -> Result<SecretBytes, ClientError> {
        let number = self.sent.checked_sub(1).ok_or(ClientError::Answer)?;
        self.key
            .open(answer, &number.to_be_bytes())
            .map_err(|_| ClientError::Answer)
    }
}

impl fmt::Debug for ClientSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientSession({} sent)", self.sent)
    }
}
