use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use adyton_crypto::{SecretArray, SigningKey};
use adyton_merkle::LogVerifier;
use adyton_protocol::Card;
use adyton_transport::{
    Answer, BrokerAddress, ClientLimits, Handler, Method, Request, Server, ServerIdentity,
    ServerLimits, TlsKey,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) fn card(key: &TlsKey) -> Card {
    let key_of = |fill| {
        let seed = SecretArray::fill_with(|bytes: &mut [u8; 32]| bytes.fill(fill));
        SigningKey::from_seed(&seed).verifying_key()
    };
    let log = LogVerifier::new("test.example/log".parse().unwrap(), key_of(2));
    Card::new(key_of(1), log, key.spki_digest())
}

/// Says back what it was asked, and does what some paths tell it to.
pub(crate) struct Echo;

impl Handler for Echo {
    async fn answer(&self, request: Request) -> Answer {
        match request.path.as_str() {
            "/large" => Answer::cbor(200, vec![7; 1 << 20]),
            "/huge" => Answer::cbor(200, vec![7; 64 << 20]),
            "/never" => std::future::pending().await,
            "/slow" => {
                tokio::time::sleep(Duration::from_millis(60)).await;
                Answer::text(200, "slow")
            }
            "/denied" => Answer::cbor(403, b"no".to_vec()),
            _ => {
                let verb = match request.method {
                    Method::Get => "GET",
                    Method::Post => "POST",
                };
                let mut body = format!("{verb} {} ", request.path).into_bytes();
                body.extend(request.body);
                Answer::cbor(200, body)
            }
        }
    }
}

pub(crate) struct Running {
    pub(crate) at: SocketAddr,
    pub(crate) card: Card,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn address(&self) -> BrokerAddress {
        BrokerAddress::new(self.at, self.card.id())
    }

    /// Stops it politely.
    pub(crate) async fn stop(mut self) {
        self.stop.take().map(|stop| stop.send(()));
        self.task.await.unwrap();
    }

    /// Ends it in the middle of whatever it does.
    pub(crate) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

pub(crate) async fn start_as(
    identity: &ServerIdentity,
    card: Card,
    limits: ServerLimits,
) -> Running {
    let loopback = "127.0.0.1:0".parse().unwrap();
    let server = Server::bind(loopback, identity, limits).await.unwrap();
    let at = server.address();
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(server.serve(Arc::new(Echo), async {
        let _ = stopped.await;
    }));
    Running {
        at,
        card,
        stop: Some(stop),
        task,
    }
}

pub(crate) async fn start_with(limits: ServerLimits) -> Running {
    let key = TlsKey::generate().unwrap();
    let card = card(&key);
    let identity = ServerIdentity::new(&key, &card).unwrap();
    start_as(&identity, card, limits).await
}

pub(crate) async fn start() -> Running {
    start_with(ServerLimits::default()).await
}

pub(crate) fn short() -> ClientLimits {
    ClientLimits {
        connect: Duration::from_millis(80),
        request: Duration::from_millis(80),
        answer_bytes: 64 << 10,
    }
}
