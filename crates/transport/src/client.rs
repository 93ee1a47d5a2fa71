use std::future::Future;
use std::time::Duration;

use adyton_protocol::Card;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::pin::{Pin, PinError, card_in};
use crate::tls::client_config;
use crate::{Answer, BrokerAddress, ClientLimits, TransportError};

/// Bytes of an answer's head, and lines in it. A broker's take 150, in three.
const MAX_HEAD_BYTES: usize = 16 << 10;
const MAX_HEADER_LINES: usize = 32;

/// A connection to the one server that an address pins. It is used for request after request, and
/// made anew where the server has closed it meanwhile.
pub struct PinnedClient {
    address: BrokerAddress,
    limits: ClientLimits,
    pin: Pin,
    tls: TlsConnector,
    card: Option<Card>,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl std::fmt::Debug for PinnedClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PinnedClient({})", self.address)
    }
}

impl PinnedClient {
    /// Connects. Having the client tells you that the broker at the other end holds the key that
    /// the pinned card names.
    ///
    /// # Errors
    /// Every [`TransportError`] of a handshake.
    pub async fn connect(
        address: &BrokerAddress,
        limits: ClientLimits,
    ) -> Result<Self, TransportError> {
        Self::connect_by(address, limits, Pin::Card(*address.id())).await
    }

    /// Connects to a server that is no broker: the address's id is the digest of its key
    /// (`specs/lookup.md`). Having the client tells you that the other end holds that key.
    ///
    /// # Errors
    /// Every [`TransportError`] of a handshake.
    pub async fn connect_to_key(
        address: &BrokerAddress,
        limits: ClientLimits,
    ) -> Result<Self, TransportError> {
        Self::connect_by(address, limits, Pin::Key(*address.id())).await
    }

    async fn connect_by(
        address: &BrokerAddress,
        limits: ClientLimits,
        pin: Pin,
    ) -> Result<Self, TransportError> {
        let tls = TlsConnector::from(client_config(pin));
        let (sender, card) = open(address, limits, pin, &tls).await?;
        Ok(Self {
            address: address.clone(),
            limits,
            pin,
            tls,
            card,
            sender: Some(sender),
        })
    }

    /// The broker's card, whose digest is the pinned id; a server that is known by its key has none.
    #[must_use]
    pub const fn card(&self) -> Option<&Card> {
        self.card.as_ref()
    }

    /// Asks for what is at a path.
    ///
    /// # Errors
    /// [`TransportError`]; an HTTP status that says no is an answer, and no error.
    pub async fn get(&mut self, path: &str) -> Result<Answer, TransportError> {
        self.send(hyper::Method::GET, path, Bytes::new()).await
    }

    /// Sends dCBOR to a path.
    ///
    /// # Errors
    /// As for [`get`](Self::get). After [`TransportError::Interrupted`] or
    /// [`TransportError::Timeout`] the request may or may not have been carried out.
    pub async fn post(&mut self, path: &str, body: Vec<u8>) -> Result<Answer, TransportError> {
        self.send(hyper::Method::POST, path, Bytes::from(body))
            .await
    }

    async fn send(
        &mut self,
        method: hyper::Method,
        path: &str,
        body: Bytes,
    ) -> Result<Answer, TransportError> {
        let request = request(&self.address, method, path, body)?;
        // Taken out, and put back only after a whole answer: what is left of a broken one, or of
        // one that the caller did not wait for, is never read as the next.
        let mut sender = match self.sender.take() {
            Some(idle) => match alive(idle).await {
                Some(sender) => sender,
                None => self.open().await?,
            },
            None => self.open().await?,
        };
        let exchange = async {
            let response = match sender.try_send_request(request).await {
                Ok(response) => response,
                Err(mut error) => {
                    // Given back: the connection had closed before a byte of it was sent.
                    let unsent = error.take_message();
                    let unsent = unsent.ok_or_else(|| self.broken(error.error()))?;
                    sender = self.open().await?;
                    let sent = sender.send_request(unsent).await;
                    sent.map_err(|error| self.broken(&error))?
                }
            };
            let answer = self.collect(response).await?;
            Ok((answer, sender))
        };
        let limit = self.limits.request;
        let (answer, sender) = within(limit, &self.address, "request", exchange).await?;
        self.sender = Some(sender);
        Ok(answer)
    }

    async fn open(&self) -> Result<SendRequest<Full<Bytes>>, TransportError> {
        let (sender, _same_card) = open(&self.address, self.limits, self.pin, &self.tls).await?;
        Ok(sender)
    }

    async fn collect(
        &self,
        response: hyper::Response<hyper::body::Incoming>,
    ) -> Result<Answer, TransportError> {
        let limit = self.limits.answer_bytes;
        let (head, body) = response.into_parts();
        let content_type = head
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let body = Limited::new(body, limit).collect().await.map_err(|error| {
            let authority = self.address.authority();
            if error.is::<LengthLimitError>() {
                TransportError::Oversized { authority, limit }
            } else {
                TransportError::Interrupted { authority }
            }
        })?;
        Ok(Answer {
            status: head.status.as_u16(),
            content_type,
            body: body.to_bytes().into(),
        })
    }

    fn broken(&self, error: &hyper::Error) -> TransportError {
        let authority = self.address.authority();
        if error.is_parse_too_large() {
            TransportError::Oversized {
                authority,
                limit: MAX_HEAD_BYTES,
            }
        } else if error.is_parse() {
            TransportError::NotHttp { authority }
        } else {
            TransportError::Interrupted { authority }
        }
    }
}

async fn alive(mut sender: SendRequest<Full<Bytes>>) -> Option<SendRequest<Full<Bytes>>> {
    sender.ready().await.is_ok().then_some(sender)
}

async fn within<T>(
    limit: Duration,
    address: &BrokerAddress,
    step: &'static str,
    work: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        Err(TransportError::Timeout {
            authority: address.authority(),
            step,
            limit,
        })
    })
}

/// Connects, proves who is there, and gives the connection a task of its own.
async fn open(
    address: &BrokerAddress,
    limits: ClientLimits,
    pin: Pin,
    tls: &TlsConnector,
) -> Result<(SendRequest<Full<Bytes>>, Option<Card>), TransportError> {
    let work = async {
        let refused = |source| TransportError::Connect {
            authority: address.authority(),
            source,
        };
        let target = (address.host(), address.port());
        let stream = TcpStream::connect(target).await.map_err(refused)?;
        stream.set_nodelay(true).map_err(refused)?;
        // Neither sent nor looked at; rustls wants a name.
        let name = ServerName::try_from("broker.invalid").expect("it is a DNS name");
        let stream = tls.connect(name, stream).await;
        let stream = stream.map_err(|error| explain(address, error))?;
        let card = match pin {
            Pin::Card(_) => Some(peer_card(&stream).ok_or_else(|| TransportError::NoCard {
                authority: address.authority(),
            })?),
            Pin::Key(_) => None,
        };
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD_BYTES)
            .max_headers(MAX_HEADER_LINES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| TransportError::NotHttp {
                authority: address.authority(),
            })?;
        // It ends when the sender is dropped; what goes wrong on it, the sender reports.
        tokio::spawn(connection);
        Ok((sender, card))
    };
    within(limits.connect, address, "connect", work).await
}

fn peer_card(stream: &TlsStream<TcpStream>) -> Option<Card> {
    let (_, connection) = stream.get_ref();
    let certificate = connection.peer_certificates()?.first()?;
    Card::parse(card_in(certificate)?).ok()
}

/// What a failed handshake means.
fn explain(address: &BrokerAddress, error: std::io::Error) -> TransportError {
    use rustls::{AlertDescription, PeerIncompatible};
    let authority = address.authority();
    let source = match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        Some(inner) => inner.clone(),
        None => {
            return TransportError::Connect {
                authority,
                source: error,
            };
        }
    };
    match (PinError::within(&source), &source) {
        (Some(PinError::NoCard), _) => TransportError::NoCard { authority },
        (Some(PinError::ForeignKey), _) => TransportError::ForeignKey { authority },
        (Some(PinError::OtherKey { found }), _) => TransportError::WrongKey {
            authority,
            expected: *address.id(),
            found: *found,
        },
        (Some(PinError::OtherBroker { found }), _) => TransportError::WrongBroker {
            authority,
            expected: *address.id(),
            found: *found,
        },
        (
            None,
            rustls::Error::PeerIncompatible(
                PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                | PeerIncompatible::ServerDoesNotSupportTls12Or13,
            )
            | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion),
        ) => TransportError::TlsTooOld { authority },
        _ => TransportError::Tls { authority, source },
    }
}

fn request(
    address: &BrokerAddress,
    method: hyper::Method,
    path: &str,
    body: Bytes,
) -> Result<hyper::Request<Full<Bytes>>, TransportError> {
    let wrong = || TransportError::Path {
        path: path.to_owned(),
    };
    if !path.starts_with('/') || !path.bytes().all(|c| c.is_ascii_graphic()) {
        return Err(wrong());
    }
    let mut request = hyper::Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, address.authority());
    if !body.is_empty() {
        request = request.header(CONTENT_TYPE, "application/cbor");
    }
    request.body(Full::new(body)).map_err(|_| wrong())
}
