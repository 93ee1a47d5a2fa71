use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use adyton_crypto::sha256;
use adyton_transport::{
    BlockingClient, BrokerAddress, ClientLimits, PinnedClient, ServerIdentity, ServerLimits,
    TlsKey, TransportError,
};
use adyton_types::{ErrorClass, Fingerprint};
use rustls::pki_types::ServerName;
use rustls::{HandshakeKind, NamedGroup, ProtocolVersion};

use crate::support::{card, short, start, start_as};
use crate::trust::trusting_config;

async fn refusal(address: &BrokerAddress) -> TransportError {
    PinnedClient::connect(address, ClientLimits::default())
        .await
        .unwrap_err()
}

#[tokio::test]
async fn another_pin_is_refused_and_both_ids_are_named() {
    let server = start().await;
    let pinned = Fingerprint::new([9; 32]);
    match refusal(&BrokerAddress::new(server.at, pinned)).await {
        error @ TransportError::WrongBroker {
            expected, found, ..
        } => {
            assert_eq!((expected, found), (pinned, server.card.id()));
            assert_eq!(error.class(), ErrorClass::Rejected);
            assert!(error.to_string().contains(&found.to_string()));
        }
        other => panic!("{other}"),
    }
    server.stop().await;
}

#[tokio::test]
async fn a_server_without_a_card_is_known_by_its_key() {
    let key = TlsKey::generate().unwrap();
    let identity = ServerIdentity::of_key(&key).unwrap();
    let server = start_as(&identity, card(&key), ServerLimits::default()).await;
    let limits = ClientLimits::default();
    let id = Fingerprint::new(*key.spki_digest().as_bytes());
    let address = BrokerAddress::new(server.at, id);
    let mut client = PinnedClient::connect_to_key(&address, limits)
        .await
        .unwrap();
    assert_eq!(client.card(), None);
    assert_eq!(client.get("/x").await.unwrap().body, b"GET /x ");
    let other = BrokerAddress::new(server.at, Fingerprint::new([9; 32]));
    match PinnedClient::connect_to_key(&other, limits).await {
        Err(error @ TransportError::WrongKey { found, .. }) => {
            assert_eq!((found, error.class()), (id, ErrorClass::Rejected));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        refusal(&address).await,
        TransportError::NoCard { .. }
    ));
    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn the_genuine_card_with_another_key_is_refused() {
    let genuine = card(&TlsKey::generate().unwrap());
    let thief = TlsKey::generate().unwrap();
    assert!(matches!(
        ServerIdentity::new(&thief, &genuine),
        Err(TransportError::CardKey)
    ));
    let identity = ServerIdentity::danger_unmatched(&thief, &genuine.encode()).unwrap();
    let server = start_as(&identity, genuine, ServerLimits::default()).await;
    let error = refusal(&server.address()).await;
    assert!(
        matches!(error, TransportError::ForeignKey { .. }),
        "{error}"
    );
    assert_eq!(error.class(), ErrorClass::Rejected);
    server.stop().await;
}

#[tokio::test]
async fn a_pinned_text_that_is_no_card_is_refused() {
    let key = TlsKey::generate().unwrap();
    let identity = ServerIdentity::danger_unmatched(&key, b"not a card").unwrap();
    let server = start_as(&identity, card(&key), ServerLimits::default()).await;
    let pinned = Fingerprint::new(sha256(&[b"not a card"]));
    let error = refusal(&BrokerAddress::new(server.at, pinned)).await;
    assert!(matches!(error, TransportError::NoCard { .. }), "{error}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_handshake_is_hybrid_and_leaves_no_ticket() {
    let server = start().await;
    let at = server.at;
    tokio::task::spawn_blocking(move || {
        let mut config = trusting_config();
        // This one would resume and send early data, if the server let it.
        config.enable_early_data = true;
        let config = Arc::new(config);
        for _ in 0..2 {
            let name = ServerName::try_from("broker.invalid").unwrap();
            let mut tls = rustls::ClientConnection::new(Arc::clone(&config), name).unwrap();
            assert!(tls.early_data().is_none());
            let mut tcp = TcpStream::connect(at).unwrap();
            let mut stream = rustls::Stream::new(&mut tls, &mut tcp);
            stream
                .write_all(b"GET /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            assert_eq!(tls.protocol_version(), Some(ProtocolVersion::TLSv1_3));
            assert_eq!(tls.handshake_kind(), Some(HandshakeKind::Full));
            assert_eq!(tls.tls13_tickets_received(), 0);
            let group = tls.negotiated_key_exchange_group().unwrap().name();
            assert_eq!(group, NamedGroup::X25519MLKEM768);
        }
    })
    .await
    .unwrap();
    server.stop().await;
}

/// A TLS 1.2 ClientHello (RFC 5246 section 7.4.1.2) without the `supported_versions` extension.
fn tls12_hello() -> Vec<u8> {
    let mut extensions = Vec::new();
    for (kind, body) in [
        (10_u16, &[0, 2, 0, 0x1d][..]), // supported_groups: x25519
        (13, &[0, 2, 4, 3]),            // signature_algorithms: ecdsa_secp256r1_sha256
        (11, &[1, 0]),                  // ec_point_formats: uncompressed
        (23, &[]),                      // extended_master_secret
    ] {
        extensions.extend(kind.to_be_bytes());
        extensions.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
        extensions.extend(body);
    }
    let mut hello = vec![3, 3];
    hello.extend([0x5a; 32]);
    hello.extend([0, 0, 2, 0xc0, 0x2b, 1, 0]); // no session, ECDHE-ECDSA-AES128-GCM, no compression
    hello.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
    hello.extend(extensions);
    let mut record = vec![22, 3, 1];
    record.extend(u16::try_from(hello.len() + 4).unwrap().to_be_bytes());
    record.extend([1, 0]);
    record.extend(u16::try_from(hello.len()).unwrap().to_be_bytes());
    record.extend(hello);
    record
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_tls_1_2_client_is_refused_with_protocol_version() {
    let server = start().await;
    let at = server.at;
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(at).unwrap();
        stream.write_all(&tls12_hello()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        // alert, fatal, protocol_version (70)
        assert_eq!((answer[0], &answer[5..7]), (21, [2, 70].as_slice()));
        assert_eq!(answer.len(), 7);
    })
    .await
    .unwrap();
    server.stop().await;
}

/// Plays a server that sends fixed bytes to whoever connects.
fn fixed_server(reply: Vec<u8>) -> BrokerAddress {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut hello = [0; 4096];
        let _ = stream.read(&mut hello);
        let _ = stream.write_all(&reply);
        let _ = stream.read(&mut hello);
    });
    BrokerAddress::new(at, Fingerprint::new([9; 32]))
}

#[test]
fn a_server_that_speaks_tls_1_2_is_told_apart() {
    let alert = fixed_server(vec![21, 3, 3, 0, 2, 2, 70]);
    let mut hello = vec![22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3];
    hello.extend([0x5a; 32]);
    hello.extend([0, 0xc0, 0x2b, 0]);
    for address in [alert, fixed_server(hello)] {
        let error = BlockingClient::connect(&address, ClientLimits::default()).unwrap_err();
        assert!(matches!(error, TransportError::TlsTooOld { .. }), "{error}");
        assert_eq!(error.class(), ErrorClass::Rejected);
    }
}

#[test]
fn something_else_than_tls_is_refused_and_silence_times_out() {
    let http = fixed_server(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec());
    let error = BlockingClient::connect(&http, ClientLimits::default()).unwrap_err();
    assert!(matches!(error, TransportError::Tls { .. }), "{error}");
    let silent = fixed_server(Vec::new());
    let error = BlockingClient::connect(&silent, short()).unwrap_err();
    assert!(
        matches!(error, TransportError::Timeout { limit, .. } if limit == Duration::from_millis(80)),
        "{error}"
    );
}
