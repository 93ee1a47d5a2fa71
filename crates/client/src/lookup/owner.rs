use adyton_crypto::SigningKey;
use adyton_lookup::{Done, Key, Terms, Update};
use adyton_transport::BrokerAddress;

use super::client::{LookupClient, LookupPins};
use super::error::LookupClientError;

/// The owner's session with the service that serves its table. The table goes to the enclave that
/// was verified, sealed to a key that only it has; whoever operates it sees how much comes.
#[derive(Debug)]
pub struct LookupOwner(LookupClient);

impl LookupOwner {
    /// Connects as [`LookupClient::connect`], and proves to be the owner.
    ///
    /// # Errors
    /// [`LookupClientError`].
    pub fn connect(
        address: &BrokerAddress,
        pins: &LookupPins,
        key: &SigningKey,
    ) -> Result<Self, LookupClientError> {
        let mut owner = Self(LookupClient::connect(address, pins)?);
        let claim = owner.0.session_mut().owner(key)?;
        owner.done(claim)?;
        Ok(owner)
    }

    /// What the service does.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        self.0.terms()
    }

    /// Loads a table of exactly `count` records. The one that serves goes on serving until the last
    /// has come. `progress` is told how many have.
    ///
    /// # Errors
    /// [`LookupClientError`], or the first error of `records`; then the table is as it was.
    pub fn load<E: From<LookupClientError>>(
        &mut self,
        count: u64,
        records: impl Iterator<Item = Result<(Key, Vec<u8>), E>>,
        mut progress: impl FnMut(u64),
    ) -> Result<Done, E> {
        let begin = self.session(|session| session.begin(count))?;
        self.done(begin)?;
        let size = self.0.session().rows_a_message();
        let mut rows = Vec::with_capacity(size);
        for record in records {
            rows.push(record?);
            if rows.len() == size {
                progress(self.rows(&rows)?.records);
                rows.clear();
            }
        }
        if !rows.is_empty() {
            progress(self.rows(&rows)?.records);
        }
        let end = self.session(adyton_lookup::ClientSession::end)?;
        Ok(self.done(end)?)
    }

    /// Changes the table, in batches of which each is made whole or not at all. Gives what all
    /// came to.
    ///
    /// # Errors
    /// [`LookupClientError`]; batches before the one that failed are made.
    pub fn change(&mut self, updates: &[Update]) -> Result<Done, LookupClientError> {
        let (size, mut sum) = (self.0.session().rows_a_message(), Done::default());
        for updates in updates.chunks(size) {
            let changes = self.session(|session| session.changes(updates))?;
            let done = self.done(changes)?;
            sum = Done {
                inserted: sum.inserted + done.inserted,
                changed: sum.changed + done.changed,
                removed: sum.removed + done.removed,
                ..done
            };
        }
        Ok(sum)
    }

    fn rows(&mut self, rows: &[(Key, Vec<u8>)]) -> Result<Done, LookupClientError> {
        let rows = self.session(|session| session.rows(rows))?;
        self.done(rows)
    }

    fn session(
        &mut self,
        seal: impl FnOnce(
            &mut adyton_lookup::ClientSession,
        ) -> Result<Vec<u8>, adyton_lookup::ClientError>,
    ) -> Result<Vec<u8>, LookupClientError> {
        Ok(seal(self.0.session_mut())?)
    }

    fn done(&mut self, message: Vec<u8>) -> Result<Done, LookupClientError> {
        let answer = self.0.send(message)?;
        Ok(self.0.session().done(&answer)?)
    }
}
