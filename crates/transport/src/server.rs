use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::stall::StallGuard;
use crate::tls::server_config;
use crate::{Answer, Handler, Method, Request, ServerIdentity, ServerLimits, TransportError};

/// The most header lines of a request. Ours have four.
const MAX_HEADER_LINES: usize = 32;

/// Bodies up to here are read without asking for room: small questions go past those who fill it.
const SMALL_BODY_BYTES: usize = 16 << 10;

const TOO_LARGE: &str = "the request is larger than a request may be";

/// How long to wait when the system has no descriptor left for another connection.
const ACCEPT_BACKOFF: Duration = Duration::from_millis(50);

/// A TLS 1.3 server that listens and answers nobody yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    shared: Shared,
}

#[derive(Clone)]
struct Shared {
    acceptor: TlsAcceptor,
    limits: ServerLimits,
    /// A permit a byte of larger bodies.
    bodies: Arc<Semaphore>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shared({:?})", self.limits)
    }
}

impl Server {
    /// Listens. Port 0 lets the system choose; [`address`](Self::address) tells what it chose.
    ///
    /// # Errors
    /// [`TransportError::Listen`].
    pub async fn bind(
        address: SocketAddr,
        identity: &ServerIdentity,
        limits: ServerLimits,
    ) -> Result<Self, TransportError> {
        let listen = |source| TransportError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        Ok(Self {
            address: listener.local_addr().map_err(listen)?,
            listener,
            shared: Shared {
                acceptor: TlsAcceptor::from(server_config(identity)),
                limits,
                bodies: Arc::new(Semaphore::new(limits.bodies_bytes)),
            },
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is ready; then takes no more connections, lets requests under way end
    /// within the limit for that, and cuts the rest.
    ///
    /// # Panics
    /// Never: the semaphore is not closed.
    pub async fn serve<H: Handler>(self, handler: Arc<H>, stop: impl Future<Output = ()>) {
        let free = Arc::new(Semaphore::new(self.shared.limits.max_connections));
        let (stopping, stopped) = watch::channel(false);
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            let next = accept(&self.listener, &free);
            let (stream, permit) = tokio::select! {
                () = &mut stop => break,
                next = next => next,
            };
            while connections.try_join_next().is_some() {}
            let (shared, handler) = (self.shared.clone(), Arc::clone(&handler));
            let stopped = stopped.clone();
            connections.spawn(async move {
                serve_connection(stream, shared, handler, stopped).await;
                drop(permit);
            });
        }
        drop(self.listener);
        let _ = stopping.send(true);
        let drained = async { while connections.join_next().await.is_some() {} };
        let _ = timeout(self.shared.limits.drain, drained).await;
        connections.shutdown().await;
    }
}

/// Waits for a free place, then for a connection.
async fn accept(
    listener: &TcpListener,
    free: &Arc<Semaphore>,
) -> (TcpStream, OwnedSemaphorePermit) {
    let permit = Arc::clone(free)
        .acquire_owned()
        .await
        .expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, permit),
            // The peer has gone again, or descriptors are short: neither ends the service.
            Err(_) => tokio::time::sleep(ACCEPT_BACKOFF).await,
        }
    }
}

/// One connection, from the handshake to its end. What goes wrong here is the peer's business and
/// is visible to it; nobody else needs to know.
async fn serve_connection<H: Handler>(
    stream: TcpStream,
    shared: Shared,
    handler: Arc<H>,
    mut stopped: watch::Receiver<bool>,
) {
    let limits = shared.limits;
    // An answer is one write; waiting to fill a packet would only delay it.
    let _ = stream.set_nodelay(true);
    let guarded = StallGuard::new(stream, limits.write_stall);
    let handshake = timeout(limits.handshake, shared.acceptor.accept(guarded));
    let Ok(Ok(tls)) = handshake.await else {
        return;
    };
    let service = service_fn(move |request| {
        let (handler, shared) = (Arc::clone(&handler), shared.clone());
        async move { Ok::<_, Infallible>(respond(request, &*handler, &shared).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_headers(MAX_HEADER_LINES)
        .max_buf_size(limits.head_bytes.max(8 << 10))
        .half_close(false)
        .serve_connection(TokioIo::new(tls), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        _ = connection.as_mut() => true,
        () = async { drop(stopped.wait_for(|stopped| *stopped).await) } => false,
    };
    if !ended {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// Reads the request within its limits and lets the handler answer it.
async fn respond<H: Handler>(
    request: hyper::Request<Incoming>,
    handler: &H,
    shared: &Shared,
) -> hyper::Response<Full<Bytes>> {
    let limits = shared.limits;
    let method = match *request.method() {
        hyper::Method::GET => Method::Get,
        hyper::Method::POST => Method::Post,
        _ => return refuse(405, "use GET or POST"),
    };
    let path = request.uri().path().to_owned();
    let most = handler.body_bytes(method, &path).min(limits.body_bytes);
    // Without a length it may become as long as it may be.
    let announced = request.body().size_hint().exact();
    let announced = announced.map_or(most, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    if announced > most {
        return refuse(413, TOO_LARGE);
    }
    // Held until the request is answered. Whoever waits for it is not read from, so that what it
    // sends stays with it.
    let Ok(_room) = timeout(limits.body, room(&shared.bodies, announced)).await else {
        return refuse(
            503,
            "too many large requests are under way; try again later",
        );
    };
    let whole = Limited::new(request.into_body(), most).collect();
    let body = match timeout(limits.body, whole).await {
        Ok(Ok(body)) => body.to_bytes().into(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return refuse(413, TOO_LARGE);
        }
        Ok(Err(_)) => return refuse(400, "the request is not whole"),
        Err(_) => return refuse(408, "the request took too long to arrive"),
    };
    into_response(handler.answer(Request { method, path, body }).await)
}

/// Waits for room for a body; a small one takes none.
async fn room(bodies: &Arc<Semaphore>, bytes: usize) -> Option<OwnedSemaphorePermit> {
    if bytes <= SMALL_BODY_BYTES {
        return None;
    }
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    let room = Arc::clone(bodies).acquire_many_owned(bytes).await;
    Some(room.expect("the semaphore is never closed"))
}

fn into_response(answer: Answer) -> hyper::Response<Full<Bytes>> {
    let mut response = hyper::Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = hyper::StatusCode::from_u16(answer.status)
        .unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(kind) = HeaderValue::from_str(&answer.content_type) {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response
}

/// An answer after which the connection ends, since the rest of the request is not wanted.
fn refuse(status: u16, why: &str) -> hyper::Response<Full<Bytes>> {
    let mut response = into_response(Answer::text(status, why));
    response
        .headers_mut()
        .insert(hyper::header::CONNECTION, HeaderValue::from_static("close"));
    response
}
