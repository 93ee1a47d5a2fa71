use std::net::SocketAddr;
use std::sync::Arc;

use adyton_broker::{Effect, ReleaseError};
use adyton_crypto::SecretBytes;
use adyton_protocol::ErrorBody;
use adyton_transport::{AdminHandler, Answer, Handler, Method, Request};
use adyton_types::{ErrorClass, UnixTime};

use crate::message::{Ask, Tell};
use crate::service::{Service, error_body};

/// What strangers can ask (`specs/release-protocol.md`, "Endpoints").
pub(crate) struct Public(pub(crate) Arc<Service>);

impl Handler for Public {
    async fn answer(&self, request: Request) -> Answer {
        let service = Arc::clone(&self.0);
        match (request.method, request.path.as_str()) {
            // A MAC over a few bytes: cheaper than handing it to another thread.
            (Method::Get, "/v1/challenge") => Answer::cbor(200, service.challenge()),
            (Method::Get, "/v1/checkpoint") => blocking(move || checkpoint(&service)).await,
            (Method::Post, "/v1/release") => {
                blocking(move || release(&service, &request.body)).await
            }
            (_, "/v1/challenge" | "/v1/checkpoint" | "/v1/release") => refuse(
                405,
                ErrorClass::Misuse,
                "this path is used with another method",
            ),
            _ => refuse(404, ErrorClass::Misuse, "a broker has no such path"),
        }
    }
}

fn release(service: &Service, request: &[u8]) -> Answer {
    match service.release(request) {
        Ok(Effect::Answer(answer)) => Answer::cbor(200, answer),
        Ok(Effect::Denial(denial)) => Answer::cbor(403, denial),
        // What failed inside is the owner's business, and goes to the owner's own commands.
        Err(ReleaseError::State(error)) => refuse(
            error.class().http_status(),
            error.class(),
            "the broker cannot record the decision now; send the same request again",
        ),
        Err(error) => failure(error.class(), &error),
    }
}

fn checkpoint(service: &Service) -> Answer {
    match service.checkpoint() {
        Ok(text) => Answer::text(200, text),
        Err(error) => refuse(
            error.class().http_status(),
            error.class(),
            "the broker cannot read its log now",
        ),
    }
}

/// An error body. One that is no denial never has a denial's status: a client would take it for one.
fn failure(class: ErrorClass, error: &dyn std::error::Error) -> Answer {
    Answer::cbor(class.http_status(), error_body(class, error).encode())
}

fn refuse(status: u16, class: ErrorClass, why: &str) -> Answer {
    let error = why.to_owned();
    Answer::cbor(status, ErrorBody { class, error }.encode())
}

/// Runs work that blocks on a thread where it may. If it panics, so does the caller, whose
/// connection ends without an answer.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Cancelled: the runtime is going down, and this task with it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// What the owner can ask.
pub(crate) struct Private {
    pub(crate) service: Arc<Service>,
    pub(crate) address: SocketAddr,
    pub(crate) since: UnixTime,
}

impl AdminHandler for Private {
    async fn answer(&self, message: SecretBytes) -> SecretBytes {
        let service = Arc::clone(&self.service);
        let running = Some((self.address, self.since));
        blocking(move || {
            let told = match Ask::parse(message.expose()) {
                Some(Ok(ask)) => service.tell(ask, running),
                Some(Err(error)) => Tell::Error(error_body(error.class(), &error)),
                None => Tell::Error(ErrorBody {
                    class: ErrorClass::Misuse,
                    error: "this daemon is of another version: restart it".to_owned(),
                }),
            };
            told.encode()
        })
        .await
    }
}
