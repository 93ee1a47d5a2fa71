use std::sync::Arc;

use adyton_crypto::SecretBytes;
use adyton_protocol::ErrorBody;
use adyton_transport::{AdminHandler, Answer, Handler, Method, Request};
use adyton_types::ErrorClass;
use tokio::task::spawn_blocking;

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

impl Handler for Public {
    async fn answer(&self, request: Request) -> Answer {
        let what = match (request.method, request.path.as_str()) {
            (Method::Post, "/v1/hello") => Ask::Hello,
            (Method::Post, "/v1/request") => Ask::Request,
            (_, "/v1/hello" | "/v1/request") => {
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
    pub(crate) relay: Arc<Relay>,
    pub(crate) address: String,
    pub(crate) guardian: u32,
}

impl AdminHandler for Private {
    async fn answer(&self, _message: SecretBytes) -> SecretBytes {
        let stats = match self.relay.ask(Ask::Stats, &[]).await {
            Some((200, stats)) => stats,
            _ => Vec::new(),
        };
        let status = Status::encode(&self.address, self.guardian, &stats);
        SecretBytes::new(status)
    }
}
