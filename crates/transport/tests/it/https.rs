use std::time::Duration;

use adyton_transport::{BlockingClient, ClientLimits, PinnedClient, ServerLimits, TransportError};
use adyton_types::ErrorClass;

use crate::support::{short, start, start_with};

#[tokio::test]
async fn requests_are_answered_one_after_another_on_one_connection() {
    // One connection is all there is, so that a second one would wait for ever.
    let limits = ServerLimits {
        max_connections: 1,
        ..ServerLimits::default()
    };
    let server = start_with(limits).await;
    let mut client = PinnedClient::connect(&server.address(), ClientLimits::default())
        .await
        .unwrap();
    assert_eq!(client.card(), Some(&server.card));
    for n in 0..5_u8 {
        let answer = client.get("/v1/challenge").await.unwrap();
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (200, b"GET /v1/challenge ".as_slice())
        );
        let answer = client.post("/v1/release", vec![n]).await.unwrap();
        assert_eq!(
            answer.body,
            [b"POST /v1/release ".as_slice(), &[n]].concat()
        );
        assert_eq!(answer.content_type, "application/cbor");
    }
    assert_eq!(client.get("/denied").await.unwrap().status, 403);
    drop(client);
    server.stop().await;
}

#[test]
fn the_blocking_client_needs_no_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(start());
    let mut client = BlockingClient::connect(&server.address(), ClientLimits::default()).unwrap();
    assert_eq!(client.card(), Some(&server.card));
    assert_eq!(client.get("/a").unwrap().body, b"GET /a ");
    assert_eq!(client.post("/b", b"x".to_vec()).unwrap().body, b"POST /b x");
}

#[tokio::test]
async fn a_body_up_to_the_limit_passes_and_one_beyond_is_refused() {
    let server = start().await;
    let mut client = PinnedClient::connect(&server.address(), ClientLimits::default())
        .await
        .unwrap();
    let answer = client.post("/b", vec![1; 2 << 20]).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (200, (2 << 20) + 8));
    // The refusal, or the end of the connection, whichever the client sees first.
    match client.post("/b", vec![1; (2 << 20) + 1]).await {
        Ok(answer) => assert_eq!(answer.status, 413),
        Err(error) => assert!(
            matches!(error, TransportError::Interrupted { .. }),
            "{error}"
        ),
    }
    // And the client goes on afterwards, over a new connection.
    assert_eq!(client.get("/a").await.unwrap().status, 200);
    server.stop().await;
}

#[tokio::test]
async fn an_oversized_answer_is_refused_and_the_client_goes_on() {
    let server = start().await;
    let limits = ClientLimits {
        answer_bytes: (1 << 20) - 1,
        ..ClientLimits::default()
    };
    let mut client = PinnedClient::connect(&server.address(), limits)
        .await
        .unwrap();
    let error = client.get("/large").await.unwrap_err();
    assert!(matches!(error, TransportError::Oversized { .. }), "{error}");
    assert_eq!(error.class(), ErrorClass::Malformed);
    assert_eq!(client.get("/a").await.unwrap().body, b"GET /a ");
    drop(client);
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_timeout() {
    let server = start().await;
    let mut client = PinnedClient::connect(&server.address(), ClientLimits::default())
        .await
        .unwrap();
    drop(client.get("/a").await.unwrap());
    let limits = ClientLimits {
        connect: Duration::from_secs(10),
        ..short()
    };
    let mut client = PinnedClient::connect(&server.address(), limits)
        .await
        .unwrap();
    let error = client.get("/never").await.unwrap_err();
    assert!(matches!(error, TransportError::Timeout { .. }), "{error}");
    assert_eq!(error.class(), ErrorClass::Unavailable);
    server.kill().await;
}

#[tokio::test]
async fn nobody_there_is_said_so() {
    let server = start().await;
    let address = server.address();
    server.stop().await;
    let error = PinnedClient::connect(&address, ClientLimits::default())
        .await
        .unwrap_err();
    assert!(matches!(error, TransportError::Connect { .. }), "{error}");
    assert_eq!(error.class(), ErrorClass::Unavailable);
}

#[tokio::test]
async fn a_broker_that_dies_before_its_answer_interrupts_the_request() {
    let server = start().await;
    let mut client = PinnedClient::connect(&server.address(), ClientLimits::default())
        .await
        .unwrap();
    let asked = tokio::spawn(async move { (client.get("/never").await, client) });
    tokio::time::sleep(Duration::from_millis(20)).await;
    server.kill().await;
    let (outcome, mut client) = asked.await.unwrap();
    let error = outcome.unwrap_err();
    assert!(
        matches!(error, TransportError::Interrupted { .. }),
        "{error}"
    );
    assert_eq!(error.class(), ErrorClass::Unavailable);
    assert!(matches!(
        client.get("/a").await,
        Err(TransportError::Connect { .. })
    ));
}

#[tokio::test]
async fn stopping_lets_a_request_under_way_end() {
    let server = start().await;
    let mut client = PinnedClient::connect(&server.address(), ClientLimits::default())
        .await
        .unwrap();
    let asked = tokio::spawn(async move { client.get("/slow").await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    server.stop().await;
    assert_eq!(asked.await.unwrap().unwrap().body, b"slow");
}

#[tokio::test]
async fn a_path_that_is_none_is_the_callers_fault() {
    let server = start().await;
    let mut client = PinnedClient::connect(&server.address(), ClientLimits::default())
        .await
        .unwrap();
    for path in ["", "v1", "/a b", "/\u{e9}"] {
        let error = client.get(path).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Misuse, "{path}: {error}");
    }
    drop(client);
    server.stop().await;
}
