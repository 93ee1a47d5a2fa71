use adyton_broker::{BrokerIdentity, StateTable};
use adyton_crypto::{CryptoRng, SecretArray, SecretBytes, SigningKey};
use adyton_merkle::Origin;
use adyton_protocol::Card;
use adyton_store::{Store, StoreError, Table};
use adyton_transport::{ServerIdentity, TlsKey, TransportError};

use crate::state::table;

/// The broker's own keys, by name. The engine's tables have the ids before.
const IDENTITY: Table = Table::hidden(7, "identity");

const ANSWER_KEY: &[u8] = b"answer-key";
const LOG_KEY: &[u8] = b"log-key";
const TLS_KEY: &[u8] = b"tls-key";
const ORIGIN: &[u8] = b"origin";

/// Every table of a broker's store.
pub(crate) fn tables() -> Vec<Table> {
    let engine = StateTable::ALL.into_iter().map(table);
    engine.chain([IDENTITY]).collect()
}

/// What a broker is known by: keys for answers, log and TLS, and the log's name.
pub(crate) struct Identity {
    pub(crate) broker: BrokerIdentity,
    tls: TlsKey,
}

impl Identity {
    /// Makes fresh keys.
    pub(crate) fn generate(
        origin: Origin,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, TransportError> {
        let tls = TlsKey::generate()?;
        Ok(Self {
            broker: BrokerIdentity {
                answer_key: SigningKey::generate(rng),
                log_key: SigningKey::generate(rng),
                origin,
                tls_spki: tls.spki_digest(),
            },
            tls,
        })
    }

    pub(crate) fn card(&self) -> Card {
        self.broker.card()
    }

    /// The certificate to serve under.
    pub(crate) fn server(&self) -> Result<ServerIdentity, TransportError> {
        ServerIdentity::new(&self.tls, &self.card())
    }

    /// Seals the keys into the store, in one transaction.
    pub(crate) fn save(&self, store: &Store) -> Result<(), StoreError> {
        let seed = |key: &SigningKey| SecretBytes::new(key.seed().expose().to_vec());
        let rows = [
            (ANSWER_KEY, seed(&self.broker.answer_key)),
            (LOG_KEY, seed(&self.broker.log_key)),
            (
                TLS_KEY,
                SecretBytes::new(self.tls.to_pkcs8().expose().to_vec()),
            ),
            (ORIGIN, SecretBytes::new(self.broker.origin.as_str().into())),
        ];
        store.transact(move |tx| {
            rows.iter()
                .try_for_each(|(name, value)| tx.write(IDENTITY, name, value.expose()))
        })
    }

    /// Opens what [`save`](Self::save) wrote; `None` if it is not all there.
    pub(crate) fn load(store: &Store) -> Result<Option<Self>, StoreError> {
        store.view(|tx| {
            let row = |name| tx.read(IDENTITY, name);
            let rows = (row(ANSWER_KEY)?, row(LOG_KEY)?, row(TLS_KEY)?, row(ORIGIN)?);
            let (Some(answer), Some(log), Some(tls), Some(origin)) = rows else {
                return Ok(None);
            };
            Ok(Self::from_rows(&answer, &log, &tls, &origin))
        })
    }

    fn from_rows(
        answer: &SecretBytes,
        log: &SecretBytes,
        tls: &SecretBytes,
        origin: &SecretBytes,
    ) -> Option<Self> {
        let tls = TlsKey::from_pkcs8(tls).ok()?;
        Some(Self {
            broker: BrokerIdentity {
                answer_key: signing_key(answer)?,
                log_key: signing_key(log)?,
                origin: std::str::from_utf8(origin.expose()).ok()?.parse().ok()?,
                tls_spki: tls.spki_digest(),
            },
            tls,
        })
    }
}

fn signing_key(seed: &SecretBytes) -> Option<SigningKey> {
    let seed: &[u8; 32] = seed.expose().try_into().ok()?;
    let seed = SecretArray::fill_with(|bytes| *bytes = *seed);
    Some(SigningKey::from_seed(&seed))
}
