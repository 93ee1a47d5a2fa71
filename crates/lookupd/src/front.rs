use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adyton_crypto::SecretBytes;
use adyton_lookup::Stats;
use adyton_protocol::ErrorBody;
use adyton_transport::{AdminHandler, Answer, Handler, Method, Request};
use adyton_types::ErrorClass;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::frame::{ATTEST, Ask};
use crate::machine::Machine;
use crate::relay::Relay;
use crate::status::Status;

/// What strangers can ask (`specs/lookup.md`, "Endpoints").
pub(crate) struct Public {
    pub(crate) relay: Arc<Relay>,
    /// What vouches for the service, if that is not the enclave itself.
    pub(crate) machine: Option<Machine>,
}

/// Bytes of the longest body of any path but [`REQUEST`]: a hello takes 60.
const SMALL_BYTES: usize = 1024;

/// How long an operator waits for numbers of now: many passes, and little for a person.
const PATIENCE: Duration = Duration::from_secs(1);

const HELLO: &str = "/v1/hello";
const REQUEST: &str = "/v1/request";

impl Handler for Public {
    fn body_bytes(&self, _method: Method, path: &str) -> usize {
        if path == REQUEST {
            usize::MAX
        } else {
            SMALL_BYTES
        }
    }

    async fn answer(&self, request: Request) -> Answer {
        let what = match (request.method, request.path.as_str()) {
            (Method::Post, HELLO) => Ask::Hello,
            (Method::Post, REQUEST) => Ask::Request,
            (_, HELLO | REQUEST) => {
                let why = "this path is used with another method";
                return refuse(405, ErrorClass::Misuse, why);
            }
            _ => {
                return refuse(
                    404,
                    ErrorClass::Misuse,
                    "a look-up service has no such path",
                );
            }
        };
        match self.relay.ask(what, &request.body).await {
            Some((ATTEST, body)) => self.attested(body).await,
            Some((status, body)) => Answer::cbor(status, body),
            None => refuse(503, ErrorClass::Unavailable, "the enclave has ended"),
        }
    }
}

impl Public {
    async fn attested(&self, body: Vec<u8>) -> Answer {
        let none = |why: &str| refuse(503, ErrorClass::Unavailable, why);
        let Some(machine) = self.machine.clone() else {
            return none("no TEE of the machine is in use");
        };
        match spawn_blocking(move || machine.complete(&body)).await {
            Ok(Ok(welcome)) => Answer::cbor(200, welcome),
            Ok(Err(error)) => none(&format!("there is no Evidence: {error}")),
            Err(_) => none("the service is stopping"),
        }
    }
}

fn refuse(status: u16, class: ErrorClass, why: &str) -> Answer {
    let error = why.to_owned();
    Answer::cbor(status, ErrorBody { class, error }.encode())
}

/// What the operator can ask: how it is, whatever the message.
pub(crate) struct Private {
    relay: Arc<Relay>,
    address: String,
    guardian: u32,
    /// What the enclave said last.
    last: Mutex<Vec<u8>>,
    /// How long it may take to say something newer.
    patience: Duration,
}

impl Private {
    pub(crate) fn new(relay: Arc<Relay>, address: String, guardian: u32) -> Self {
        Self {
            relay,
            address,
            guardian,
            last: Mutex::new(Stats::default().encode()),
            patience: PATIENCE,
        }
    }

    fn last(&self) -> MutexGuard<'_, Vec<u8>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AdminHandler for Private {
    async fn answer(&self, _message: SecretBytes) -> SecretBytes {
        let asked = timeout(self.patience, self.relay.ask(Ask::Stats, &[])).await;
        let busy = match asked {
            Ok(Some((200, stats))) => {
                *self.last() = stats;
                false
            }
            _ => true,
        };
        let status = Status::encode(&self.address, self.guardian, busy, &self.last());
        SecretBytes::new(status)
    }
}

#[cfg(test)]
mod tests {
    use adyton_hatch::Hatch;

    use super::*;
    use crate::frame::{parse_ask, tell};

    #[test]
    fn only_a_request_is_large() {
        let (ours, _enclave) = Hatch::pair().unwrap();
        let public = Public {
            relay: Arc::new(Relay::new(ours)),
            machine: None,
        };
        assert_eq!(public.body_bytes(Method::Post, REQUEST), usize::MAX);
        for path in [HELLO, "/", "/v1/request/"] {
            assert_eq!(public.body_bytes(Method::Post, path), SMALL_BYTES);
        }
    }

    /// The enclave has one thread, which a large load keeps for some seconds.
    #[tokio::test]
    async fn who_asks_during_a_load_gets_what_was_said_last() {
        let (ours, enclave) = Hatch::pair().unwrap();
        let relay = Arc::new(Relay::new(ours));
        let mut private = Private::new(relay, "here".to_owned(), 7);
        let stats = Stats {
            queries: 5,
            ..Stats::default()
        };
        let said = stats.encode();
        let answering = std::thread::spawn(move || {
            let frame = enclave.receive().unwrap();
            let (_, number, _) = parse_ask(&frame).unwrap();
            enclave.send(&tell(number, 200, &said)).unwrap();
            enclave
        });
        let status = private.answer(SecretBytes::new(Vec::new())).await;
        let first = Status::parse(status.expose()).unwrap();
        assert_eq!((first.busy, first.stats.queries), (false, 5));
        let _silent = answering.join().unwrap();
        private.patience = Duration::from_millis(5);
        let status = private.answer(SecretBytes::new(Vec::new())).await;
        let second = Status::parse(status.expose()).unwrap();
        assert_eq!((second.busy, second.stats), (true, stats));
    }
}
