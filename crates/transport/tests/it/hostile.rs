//! Clients that are slow, greedy or malformed, and servers that cut their answers short. Both play
//! below HTTP, over TLS of their own.

use std::sync::Arc;
use std::time::Duration;

use adyton_transport::{ClientLimits, PinnedClient, ServerLimits, TlsKey, TransportError};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::support::{Running, card, short, start_with};
use crate::trust::trusting_config;

const BRIEF: Duration = Duration::from_millis(60);

async fn raw(server: &Running) -> TlsStream<TcpStream> {
    let tcp = TcpStream::connect(server.at).await.unwrap();
    let name = ServerName::try_from("broker.invalid").unwrap();
    let connector = TlsConnector::from(Arc::new(trusting_config()));
    connector.connect(name, tcp).await.unwrap()
}

/// Reads to the end, however the server ends it.
async fn rest(stream: &mut TlsStream<TcpStream>) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

fn impatient() -> ServerLimits {
    ServerLimits {
        handshake: BRIEF,
        head: BRIEF,
        body: BRIEF,
        write_stall: BRIEF,
        drain: BRIEF,
        ..ServerLimits::default()
    }
}

#[tokio::test]
async fn heads_beyond_the_limits_are_refused() {
    let server = start_with(ServerLimits::default()).await;
    for head in [
        format!(
            "GET /a HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n",
            "y".repeat(9 << 10)
        ),
        format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "y".repeat(9 << 10)),
        format!("GET /a HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(40)),
    ] {
        let mut stream = raw(&server).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(
            answer.starts_with("HTTP/1.1 431") || answer.starts_with("HTTP/1.1 414"),
            "{answer}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_http_or_not_served_is_refused() {
    let server = start_with(ServerLimits::default()).await;
    for (sent, status) in [
        ("nonsense\r\n\r\n", "400"),
        ("GET /a HTTP/1.1\r\nhost x\r\n\r\n", "400"),
        ("DELETE /a HTTP/1.1\r\nhost: x\r\n\r\n", "405"),
        (
            "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc",
            "400",
        ),
        (
            "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            "400",
        ),
    ] {
        let mut stream = raw(&server).await;
        stream.write_all(sent.as_bytes()).await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{sent}: {answer}"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn a_chunked_body_beyond_the_limit_is_refused() {
    let limits = ServerLimits {
        body_bytes: 100,
        ..ServerLimits::default()
    };
    let server = start_with(limits).await;
    let mut stream = raw(&server).await;
    let chunk = format!("40\r\n{}\r\n", "x".repeat(64));
    let head = "POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
    stream
        .write_all([head, &chunk, &chunk].concat().as_bytes())
        .await
        .unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 413"));
    server.stop().await;
}

/// A flood of bodies that never end fills the room for them, and nothing else: the next large one
/// waits with its client, a small one goes past, and whoever waits too long is told.
#[tokio::test]
async fn large_bodies_share_a_limit_and_small_ones_go_past() {
    let server = start_with(ServerLimits {
        body_bytes: 60_000,
        bodies_bytes: 100_000,
        ..ServerLimits::default()
    })
    .await;
    let body = "x".repeat(60_000);
    let large = format!("POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\n\r\n{body}");
    let (begun, end) = large.split_at(large.len() - 1);
    let mut first = raw(&server).await;
    first.write_all(begun.as_bytes()).await.unwrap();
    // Its head is read once a second request on another connection has been answered.
    let mut small = PinnedClient::connect(&server.address(), ClientLimits::default())
        .await
        .unwrap();
    small.post("/a", b"small".to_vec()).await.unwrap();
    let mut second = raw(&server).await;
    second.write_all(large.as_bytes()).await.unwrap();
    let answer = small.post("/a", b"small".to_vec()).await.unwrap();
    assert_eq!(answer.status, 200);
    let mut byte = [0];
    let early = tokio::time::timeout(Duration::from_millis(20), second.read(&mut byte)).await;
    assert!(early.is_err(), "it has to wait for the first");
    first.write_all(end.as_bytes()).await.unwrap();
    for stream in [&mut first, &mut second] {
        let mut status = [0; 12];
        stream.read_exact(&mut status).await.unwrap();
        assert_eq!(&status, b"HTTP/1.1 200");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_large_body_that_finds_no_room_is_told_so() {
    let server = start_with(ServerLimits {
        bodies_bytes: 0,
        ..impatient()
    })
    .await;
    let mut stream = raw(&server).await;
    let head = "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 20000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 503"));
    server.stop().await;
}

#[tokio::test]
async fn slow_clients_are_cut_at_each_step() {
    let server = start_with(impatient()).await;
    // During the handshake.
    let mut tcp = TcpStream::connect(server.at).await.unwrap();
    tcp.write_all(&[22, 3, 1]).await.unwrap();
    let mut nothing = Vec::new();
    let _ = tcp.read_to_end(&mut nothing).await;
    assert!(nothing.is_empty());
    // Before, and inside, the head.
    for begun in ["", "GET /a HT"] {
        let mut stream = raw(&server).await;
        stream.write_all(begun.as_bytes()).await.unwrap();
        assert!(!rest(&mut stream).await.contains("200"));
    }
    // Inside the body.
    let mut stream = raw(&server).await;
    let begun = "POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc";
    stream.write_all(begun.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 408"));
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_takes_no_bytes_is_cut() {
    // One place: the second client gets it only once the first has been cut.
    let server = start_with(ServerLimits {
        max_connections: 1,
        ..impatient()
    })
    .await;
    let mut greedy = raw(&server).await;
    let ask = "GET /huge HTTP/1.1\r\nhost: x\r\n\r\n";
    greedy.write_all(ask.as_bytes()).await.unwrap();
    greedy.flush().await.unwrap();
    let mut second = PinnedClient::connect(&server.address(), ClientLimits::default())
        .await
        .unwrap();
    assert_eq!(second.get("/a").await.unwrap().status, 200);
    drop(greedy);
    server.stop().await;
}

/// A broker with a genuine card and key that answers with fixed bytes and hangs up.
async fn cutting_server(answer: &'static [u8]) -> adyton_transport::BrokerAddress {
    let key = TlsKey::generate().unwrap();
    let card = card(&key);
    let mut params = rcgen::CertificateParams::default();
    params.custom_extensions = vec![rcgen::CustomExtension::from_oid_content(
        &adyton_transport::CARD_EXTENSION_OID,
        card.encode(),
    )];
    let certificate = params.self_signed(&key).unwrap();
    let private = PrivatePkcs8KeyDer::from(key.to_pkcs8().expose().to_vec());
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::from(private),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((tcp, _)) = listener.accept().await {
            let mut tls = acceptor.accept(tcp).await.unwrap();
            let mut request = [0; 1024];
            let _ = tls.read(&mut request).await;
            tls.write_all(answer).await.unwrap();
            tls.flush().await.unwrap();
            // No close_notify: the socket just ends.
        }
    });
    adyton_transport::BrokerAddress::new(at, card.id())
}

#[tokio::test]
async fn an_answer_cut_short_is_never_taken_for_a_whole_one() {
    for cut in [
        b"".as_slice(),
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
        // Without a length, only the end of TLS could say that this is all; it was not said.
        b"HTTP/1.1 200 OK\r\n\r\nabc",
    ] {
        let address = cutting_server(cut).await;
        let mut client = PinnedClient::connect(&address, ClientLimits::default())
            .await
            .unwrap();
        let error = client.get("/a").await.unwrap_err();
        assert!(
            matches!(error, TransportError::Interrupted { .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_no_http_or_has_a_huge_head_is_refused() {
    let address = cutting_server(b"hello\r\n\r\n").await;
    let mut client = PinnedClient::connect(&address, ClientLimits::default())
        .await
        .unwrap();
    let error = client.get("/a").await.unwrap_err();
    assert!(matches!(error, TransportError::NotHttp { .. }), "{error}");

    let head = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(40 << 10));
    let address = cutting_server(Box::leak(head.into_bytes().into_boxed_slice())).await;
    let limits = ClientLimits {
        connect: Duration::from_secs(5),
        ..short()
    };
    let mut client = PinnedClient::connect(&address, limits).await.unwrap();
    let error = client.get("/a").await.unwrap_err();
    assert!(matches!(error, TransportError::Oversized { .. }), "{error}");
}
