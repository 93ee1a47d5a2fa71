use std::thread;

use adyton_crypto::sha256;
use adyton_hatch::{Answer, Challenge, Request};
use adyton_protocol::{Card, Denial, ErrorBody};
use adyton_transport::{BlockingClient, BrokerAddress, ClientLimits, TransportError};
use adyton_types::{ErrorClass, Sha256Digest};

use crate::{Observer, RunError, Step};

/// The brokers of one run, connected and challenged.
#[derive(Debug)]
pub(crate) struct Brokers(Vec<Broker>);

#[derive(Debug)]
struct Broker {
    address: BrokerAddress,
    client: BlockingClient,
    card: Card,
    challenge: Vec<u8>,
}

impl Brokers {
    /// Connects to all of them at once.
    pub(crate) fn connect(addresses: Vec<BrokerAddress>) -> Result<Self, RunError> {
        let all: Vec<_> = thread::scope(|scope| {
            let each = |address| scope.spawn(move || Broker::connect(address));
            let running: Vec<_> = addresses.into_iter().map(each).collect();
            let join = |thread: thread::ScopedJoinHandle<'_, _>| {
                thread.join().expect("connecting does not panic")
            };
            running.into_iter().map(join).collect()
        });
        all.into_iter().collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn challenges(&self) -> Vec<Challenge> {
        let challenge = |b: &Broker| Challenge {
            broker: *b.address.id().as_bytes(),
            bytes: b.challenge.clone(),
        };
        self.0.iter().map(challenge).collect()
    }

    /// Carries each request to its broker and brings the answers, in the same order.
    pub(crate) fn carry(
        &mut self,
        requests: Vec<Request>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Answer>, RunError> {
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            let broker = self
                .0
                .iter_mut()
                .find(|b| *b.address.id().as_bytes() == request.broker);
            let Some(broker) = broker else { continue };
            observer.step(&Step::Asking(broker.address.authority()));
            let asked = observer.request(request.bytes);
            let bytes = observer.answer(broker.ask(asked)?);
            answers.push(Answer {
                broker: request.broker,
                bytes,
            });
        }
        Ok(answers)
    }
}

impl Broker {
    fn connect(address: BrokerAddress) -> Result<Self, RunError> {
        let fail = |source| transport(&address, source);
        let mut client =
            BlockingClient::connect(&address, ClientLimits::default()).map_err(fail)?;
        let answer = client.get("/v1/challenge").map_err(fail)?;
        if answer.status != 200 {
            return Err(refusal(&address, &answer.body));
        }
        let challenge = answer.body;
        let card = adyton_protocol::Challenge::parse(&challenge)
            .map_err(|error| {
                said(
                    &address,
                    error.class(),
                    &format!("no challenge, but: {error}"),
                )
            })?
            .card;
        Ok(Self {
            address,
            client,
            card,
            challenge,
        })
    }

    fn ask(&mut self, request: Vec<u8>) -> Result<Vec<u8>, RunError> {
        let digest = Sha256Digest::new(sha256(&[&request]));
        let answer = self.client.post("/v1/release", request);
        let answer = answer.map_err(|source| transport(&self.address, source))?;
        match answer.status {
            200 => Ok(answer.body),
            403 => Err(self.denial(&answer.body, &digest)),
            _ => Err(refusal(&self.address, &answer.body)),
        }
    }

    /// A denial is believed if the broker signed it; anybody on the way could write another text.
    fn denial(&self, body: &[u8], request: &Sha256Digest) -> RunError {
        match Denial::verify(body, &self.card, request) {
            Ok(denial) => {
                let denied = denial.denied().to_vec();
                RunError::Denied {
                    broker: self.address.authority(),
                    denied,
                }
            }
            Err(_) => refusal(&self.address, body),
        }
    }
}

fn transport(address: &BrokerAddress, source: TransportError) -> RunError {
    RunError::Transport {
        broker: address.authority(),
        source,
    }
}

fn refusal(address: &BrokerAddress, body: &[u8]) -> RunError {
    match ErrorBody::parse(body) {
        Ok(body) => said(address, body.class, &body.error),
        Err(_) => said(
            address,
            ErrorClass::Malformed,
            "something that is no answer of a broker",
        ),
    }
}

fn said(address: &BrokerAddress, class: ErrorClass, message: &str) -> RunError {
    RunError::Broker {
        broker: address.authority(),
        class,
        message: message.to_owned(),
    }
}
