use std::fmt;

use adyton_appraisal::{Judging, PlatformPolicy};
use adyton_crypto::os_rng;
use adyton_lookup::{ClientSession, Found, Greeting, Key, MAX_QUERY_KEYS, Pins, Terms};
use adyton_protocol::ErrorBody;
use adyton_tokens::Token;
use adyton_transport::{Answer, BlockingClient, BrokerAddress, ClientLimits};
use adyton_types::{ErrorClass, Fingerprint};

use super::error::LookupClientError;
use crate::run::now;

/// Whom a client trusts: there is no default for any of it.
#[derive(Debug)]
pub struct LookupPins {
    /// Fingerprint of the key of the table's owner.
    pub owner: Fingerprint,
    /// Platforms, one of which must be the service's.
    pub platforms: Vec<PlatformPolicy>,
    /// What Evidence of hardware is judged by; the software TEE's needs nothing.
    pub judging: Judging,
}

/// A session with a look-up service. Having one tells you that the service's Evidence was verified
/// and its platform accepted; what it is asked, nobody else learns.
///
/// ```no_run
/// use adyton_client::{LookupClient, LookupPins};
///
/// fn registered(pins: &LookupPins) -> Result<(), Box<dyn std::error::Error>> {
///     let address = "lookup.example:7443#5d0a...".parse()?;
///     let mut client = LookupClient::connect(&address, pins)?;
///     let kind = client.terms().keys;
///     let book = [kind.parse("+49 151 23456789")?, kind.parse("+44 20 7946 0000")?];
///     for value in client.look_up(&book)?.values {
///         // In the order of the book: the record's value, or nothing.
///         println!("{}", value.is_some());
///     }
///     Ok(())
/// }
/// ```
pub struct LookupClient {
    http: BlockingClient,
    authority: String,
    session: ClientSession,
}

impl LookupClient {
    /// Connects, verifies the service's Evidence, and opens a session.
    ///
    /// # Errors
    /// [`LookupClientError`]; then nothing was asked.
    pub fn connect(address: &BrokerAddress, pins: &LookupPins) -> Result<Self, LookupClientError> {
        let mut http = BlockingClient::connect_to_key(address, ClientLimits::default())?;
        let authority = address.authority();
        let greeting = Greeting::new(&mut os_rng());
        let welcome = http.post("/v1/hello", greeting.hello())?;
        let welcome = body(welcome, &authority)?;
        let pins = Pins {
            owner: pins.owner,
            platforms: &pins.platforms,
            judging: &pins.judging,
        };
        let session = greeting.verify(&welcome, &pins, now(), &mut os_rng())?;
        Ok(Self {
            http,
            authority,
            session,
        })
    }

    /// What the service does.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        self.session.terms()
    }

    /// The session, for what it says of the platform.
    #[must_use]
    pub const fn session(&self) -> &ClientSession {
        &self.session
    }

    /// Looks keys up in a service that takes no tokens; else as
    /// [`look_up_with`](Self::look_up_with).
    ///
    /// # Errors
    /// [`LookupClientError`].
    pub fn look_up(&mut self, keys: &[Key]) -> Result<Found, LookupClientError> {
        self.look_up_with(keys, &mut Vec::new())
    }

    /// Looks keys up, in several queries if there are more than one takes. How many there are shows
    /// as the classes of these queries; nothing else does. Tokens are taken out of `purse`.
    ///
    /// # Errors
    /// [`LookupClientError`].
    pub fn look_up_with(
        &mut self,
        keys: &[Key],
        purse: &mut Vec<Token>,
    ) -> Result<Found, LookupClientError> {
        let (mut epoch, mut values) = (0, Vec::with_capacity(keys.len()));
        for keys in keys.chunks(MAX_QUERY_KEYS) {
            let query = self.session.query(keys, purse)?;
            let answer = self.send(query)?;
            let found = self.session.answer(&answer, keys.len())?;
            epoch = found.epoch;
            values.extend(found.values);
        }
        Ok(Found { epoch, values })
    }

    pub(super) fn session_mut(&mut self) -> &mut ClientSession {
        &mut self.session
    }

    /// Sends a message and gives the sealed answer.
    pub(super) fn send(&mut self, message: Vec<u8>) -> Result<Vec<u8>, LookupClientError> {
        let answer = self.http.post("/v1/request", message)?;
        body(answer, &self.authority)
    }
}

fn body(answer: Answer, authority: &str) -> Result<Vec<u8>, LookupClientError> {
    if answer.status == 200 {
        return Ok(answer.body);
    }
    let (class, message) = match ErrorBody::parse(&answer.body) {
        Ok(ErrorBody { class, error }) => (class, error),
        Err(_) => (ErrorClass::Unavailable, format!("status {}", answer.status)),
    };
    Err(LookupClientError::Service {
        authority: authority.to_owned(),
        class,
        message,
    })
}

impl fmt::Debug for LookupClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LookupClient({})", self.authority)
    }
}
