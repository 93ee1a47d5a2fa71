use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use adyton_crypto::{CryptoRng, KemKeyPair, random};
use adyton_oblivious::{Batch, BatchClass, ObliviousError, Table, Workers};
use adyton_types::{Evidence, ReportData};

use crate::admission::{Admission, SPENT_BYTES};
use crate::binding::{Binding, SESSION_BYTES, owner_claim};
use crate::error::LookupError;
use crate::message::{Done, Message};
use crate::queue::{Queue, Waiting};
use crate::session::{AnswerSeal, Session};
use crate::sessions::Sessions;
use crate::stats::Stats;
use crate::table::Tables;
use crate::terms::Terms;
use crate::wire::{Request, Welcome, parse_hello};

/// The most bytes of a request, sealed and with all that goes around it.
pub const MAX_REQUEST_BYTES: usize = crate::MAX_ROWS_BYTES + (16 << 10);

/// Sessions, messages on their way and everything small.
const SMALL_BYTES: usize = 160 << 20;

/// The service: messages go in, answers come out. Time is that of a clock which only goes forward;
/// whose clock it is does not matter to what is promised.
pub struct Engine {
    terms: Terms,
    kem: KemKeyPair,
    sessions: Sessions,
    queue: Queue,
    tables: Tables,
    admission: Option<Admission>,
    batches: BTreeMap<BatchClass, Batch>,
    stats: Stats,
}

/// A client that waits for Evidence over [`Self::report_data`].
#[derive(Debug)]
pub struct Greeted {
    session: [u8; SESSION_BYTES],
    report_data: ReportData,
}

/// An answer to the message that came with `ticket`: sealed, or why there is none.
#[derive(Debug)]
pub struct Reply {
    /// What the shell called the message.
    pub ticket: u64,
    /// What to answer.
    pub answer: Result<Vec<u8>, LookupError>,
}

/// A batch that was run.
#[derive(Debug)]
pub struct Ran {
    /// The keys of its class.
    pub keys: usize,
    /// One answer a query.
    pub replies: Vec<Reply>,
}

/// Bytes of heap that a service takes: its table, so many others beside it, its batches.
#[must_use]
pub fn heap_bytes(terms: &Terms, tables: usize) -> usize {
    let shape = terms.shape();
    let table = Table::memory_bytes(shape, terms.capacity);
    // One batch of each class is kept, and each takes half of the next.
    let batches = 2 * Batch::memory_bytes(shape, BatchClass::MAX);
    let all = table.saturating_mul(tables);
    let spent = terms.tokens.as_ref().map_or(0, |_| SPENT_BYTES);
    all.saturating_add(all / 64)
        .saturating_add(batches + spent + SMALL_BYTES)
}

impl Engine {
    /// A service that has no table yet, and memory for so many ([`heap_bytes`]).
    #[must_use]
    pub fn new(terms: Terms, tables: usize, kem: KemKeyPair) -> Self {
        let tokens = terms.tokens.as_ref();
        Self {
            admission: tokens.map(|tokens| Admission::new(tokens, kem.public())),
            sessions: Sessions::default(),
            queue: Queue::default(),
            tables: Tables::new(terms.clone(), tables),
            batches: BTreeMap::new(),
            stats: Stats::default(),
            terms,
            kem,
        }
    }

    /// Begins a session.
    ///
    /// # Errors
    /// [`LookupError`].
    pub fn hello(
        &mut self,
        hello: &[u8],
        now: Duration,
        rng: &mut impl CryptoRng,
    ) -> Result<Greeted, LookupError> {
        let fresh = parse_hello(hello)?;
        let session = *random::<SESSION_BYTES>(rng).expose();
        let binding = Binding {
            fresh: &fresh,
            session: &session,
            kem: self.kem.public(),
            terms: &self.terms,
        };
        let report_data = binding.report_data();
        self.sessions
            .insert(session, Session::new(report_data, now))?;
        self.stats.greeted += 1;
        Ok(Greeted {
            session,
            report_data,
        })
    }

    /// What a greeted client is told.
    #[must_use]
    pub fn welcome(&self, greeted: &Greeted, evidence: Evidence) -> Vec<u8> {
        let welcome = Welcome {
            session: greeted.session,
            kem: self.kem.public().clone(),
            terms: self.terms.clone(),
            evidence,
        };
        welcome.encode()
    }

    /// Takes a message. A query gets no answer yet: that comes from [`run`](Self::run), under
    /// `ticket`.
    ///
    /// # Errors
    /// [`LookupError`]; nobody else's query is affected.
    pub fn request(
        &mut self,
        ticket: u64,
        request: &[u8],
        now: Duration,
        rng: &mut impl CryptoRng,
    ) -> Result<Option<Vec<u8>>, LookupError> {
        let request = Request::parse(request)?;
        let session = self.sessions.find(&request.session, now)?;
        let (message, seal) = session.open(&self.kem, &request)?;
        let parsed = Message::parse(message.expose(), &self.terms)?;
        if let Message::Query(class, tokens) = parsed {
            let (asked, quota) = (class.keys() as u64, self.terms.quota);
            let left = quota.saturating_sub(session.asked);
            if asked > left {
                return Err(LookupError::Quota { asked, left, quota });
            }
            self.tables.serving()?;
            self.queue.admit(class)?;
            // Last, so that no token is spent on what is refused.
            if let Some(admission) = &mut self.admission {
                admission.spend(tokens)?;
            }
            session.asked += asked;
            let keys_at = 1 + tokens.len();
            self.queue.push(Waiting {
                ticket,
                class,
                message,
                keys_at,
                seal,
                since: now,
            });
            return Ok(None);
        }
        let done = self.owners(request.session, &parsed, now, rng)?;
        Ok(Some(seal.seal(&done.encode(), rng)))
    }

    /// What only owners say.
    fn owners(
        &mut self,
        name: [u8; SESSION_BYTES],
        message: &Message<'_>,
        now: Duration,
        rng: &mut impl CryptoRng,
    ) -> Result<Done, LookupError> {
        let session = self.sessions.find(&name, now)?;
        if let Message::Owner(signature) = message {
            let claim = owner_claim(&session.report_data);
            let verified = self.terms.owner.verify(&claim, signature);
            verified.map_err(|_| LookupError::OwnerSignature)?;
            session.is_owner = true;
            return Ok(Done {
                epoch: self.tables.epoch(),
                records: self.tables.records(),
                ..Done::default()
            });
        }
        if !session.is_owner {
            return Err(LookupError::NotOwner);
        }
        match message {
            Message::Begin(records) => self.tables.begin(name, *records, rng),
            Message::Rows(rows) => self.tables.rows(&name, rows),
            Message::End => self.tables.end(&name, rng),
            Message::Changes(changes) => self.tables.change(changes),
            Message::Query(..) | Message::Owner(_) => Err(LookupError::Message),
        }
    }

    /// When [`run`](Self::run) is to be called; `None` while no query waits.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        self.queue.due(Duration::from_millis(self.terms.window_ms))
    }

    /// Whether enough queries wait that a batch is full: no more need be waited for.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.queue.is_full()
    }

    /// Answers as many of the waiting queries as one batch takes, in one pass over the table.
    pub fn run(&mut self, workers: &dyn Workers, rng: &mut impl CryptoRng) -> Ran {
        let queries = self.queue.take();
        let keys: usize = queries.iter().map(|query| query.class.keys()).sum();
        self.stats.queries += queries.len() as u64;
        self.stats.keys += keys as u64;
        match self.pass(&queries, keys, workers, rng) {
            Ok(ran) => ran,
            Err(error) => Ran {
                keys,
                replies: queries
                    .iter()
                    .map(|query| Reply {
                        ticket: query.ticket,
                        answer: Err(error.clone()),
                    })
                    .collect(),
            },
        }
    }

    fn pass(
        &mut self,
        queries: &[Waiting],
        keys: usize,
        workers: &dyn Workers,
        rng: &mut impl CryptoRng,
    ) -> Result<Ran, LookupError> {
        let (table, shape) = (self.tables.serving()?, self.terms.shape());
        let class = BatchClass::holding(keys);
        let class = class.ok_or(ObliviousError::BatchFull {
            asked: keys,
            left: BatchClass::MAX.queries(),
        })?;
        let batch = match self.batches.entry(class) {
            std::collections::btree_map::Entry::Occupied(kept) => kept.into_mut(),
            std::collections::btree_map::Entry::Vacant(none) => {
                none.insert(Batch::new(shape, class)?)
            }
        };
        batch.clear();
        let key_bytes = self.terms.keys.key_bytes();
        let mut clients = Vec::with_capacity(queries.len());
        for query in queries {
            let keys = query.message.expose()[query.keys_at..].chunks_exact(key_bytes);
            clients.push(batch.add_client(table, query.class.keys(), keys)?);
        }
        let answers = table.answer(batch, workers)?;
        let mut replies = Vec::with_capacity(queries.len());
        for (query, client) in queries.iter().zip(clients) {
            let mut answer = Vec::with_capacity(8 + query.class.keys() * self.terms.answer_bytes());
            answer.extend_from_slice(&self.tables.epoch().to_be_bytes());
            answers.write(client, &mut answer)?;
            replies.push(Reply {
                ticket: query.ticket,
                answer: Ok(sealed(&query.seal, answer, rng)),
            });
        }
        let keys = class.queries();
        Ok(Ran { keys, replies })
    }

    /// Counts how long a batch took, by the shell's clock.
    pub fn took(&mut self, ran: &Ran, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.stats.pass(ran.keys as u64, micros);
    }

    /// Counts a message that was refused.
    pub fn refused(&mut self, error: &LookupError) {
        self.stats.refuse(error.class());
    }

    /// Public quantities.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            epoch: self.tables.epoch(),
            records: self.tables.records(),
            sessions: self.sessions.len() as u64,
            ..self.stats.clone()
        }
    }
}

fn sealed(seal: &AnswerSeal, answer: Vec<u8>, rng: &mut impl CryptoRng) -> Vec<u8> {
    seal.seal(adyton_crypto::SecretBytes::new(answer).expose(), rng)
}

impl Greeted {
    /// What Evidence must vouch for.
    #[must_use]
    pub const fn report_data(&self) -> &ReportData {
        &self.report_data
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Engine({} records)", self.tables.records())
    }
}
