use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use adyton_crypto::SecretBytes;
use adyton_transport::{AdminClient, AdminError, AdminHandler, AdminServer, MAX_ADMIN_FRAME_BYTES};
use adyton_types::ErrorClass;
use tokio::sync::oneshot;

struct Reverse;

impl AdminHandler for Reverse {
    async fn answer(&self, message: SecretBytes) -> SecretBytes {
        SecretBytes::new(message.expose().iter().rev().copied().collect())
    }
}

struct Running {
    path: PathBuf,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

fn start(dir: &Path) -> Running {
    let path = dir.join("admin.sock");
    let server = AdminServer::bind(&path).unwrap();
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(server.serve(Arc::new(Reverse), async {
        let _ = stopped.await;
    }));
    Running { path, stop, task }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test]
async fn messages_go_there_and_back_over_a_private_socket() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path());
    let mode = std::fs::metadata(&running.path)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let path = running.path.clone();
    blocking(move || {
        let mut client = AdminClient::connect(&path).unwrap();
        for message in [
            b"".to_vec(),
            b"abc".to_vec(),
            vec![7; MAX_ADMIN_FRAME_BYTES],
        ] {
            let answer = client.call(&SecretBytes::new(message.clone())).unwrap();
            assert!(answer.expose().iter().eq(message.iter().rev()));
        }
        let large = SecretBytes::new(vec![7; MAX_ADMIN_FRAME_BYTES + 1]);
        let error = client.call(&large).unwrap_err();
        assert!(matches!(error, AdminError::Oversized { .. }), "{error}");
    })
    .await;
    running.stop.send(()).unwrap();
    running.task.await.unwrap();
    assert!(!running.path.exists());
}

#[tokio::test]
async fn a_frame_beyond_the_limit_ends_the_connection() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path());
    let path = running.path.clone();
    blocking(move || {
        let mut stream = std::os::unix::net::UnixStream::connect(path).unwrap();
        stream.write_all(&[0xff; 4]).unwrap();
        assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0);
    })
    .await;
    running.stop.send(()).unwrap();
    running.task.await.unwrap();
}

#[tokio::test]
async fn a_socket_that_others_can_open_is_not_used() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(dir.path());
    for mode in [0o660, 0o606, 0o777] {
        std::fs::set_permissions(&running.path, PermissionsExt::from_mode(mode)).unwrap();
        let error = AdminClient::connect(&running.path).unwrap_err();
        assert!(matches!(error, AdminError::NotPrivate { .. }), "{error}");
        assert_eq!(error.class(), ErrorClass::Rejected);
    }
    let file = dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let error = AdminClient::connect(&file).unwrap_err();
    assert!(matches!(error, AdminError::NotPrivate { .. }), "{error}");
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(&running.path, &link).unwrap();
    let error = AdminClient::connect(&link).unwrap_err();
    assert!(matches!(error, AdminError::NotPrivate { .. }), "{error}");
    running.stop.send(()).unwrap();
    running.task.await.unwrap();
}

#[tokio::test]
async fn a_socket_left_behind_is_replaced_and_a_file_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("admin.sock");
    drop(UnixListener::bind(&path).unwrap());
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    let error = AdminClient::connect(&path).unwrap_err();
    assert!(matches!(error, AdminError::NotRunning { .. }), "{error}");
    let running = start(dir.path());
    running.stop.send(()).unwrap();
    running.task.await.unwrap();

    let error = AdminClient::connect(&path).unwrap_err();
    assert!(matches!(error, AdminError::NotRunning { .. }), "{error}");
    std::fs::write(&path, b"precious").unwrap();
    assert!(AdminServer::bind(&path).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    let long = dir.path().join("x".repeat(120));
    let error = AdminServer::bind(&long).unwrap_err();
    assert!(matches!(error, AdminError::PathTooLong { .. }), "{error}");
}
