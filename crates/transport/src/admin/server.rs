use std::future::Future;
use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixListener as StdListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use adyton_crypto::SecretBytes;
use rustix::fs::{Mode, fchmod};
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with,
};
use rustix::process::geteuid;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{AdminError, frame};

/// Connections at once: these are people and their scripts.
const MAX_CONNECTIONS: usize = 16;

/// How long the other end may take over one message, and between two.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers admin messages. Who reaches it is the owner of the socket, or root.
pub trait AdminHandler: Send + Sync + 'static {
    /// Answers one message. An answer beyond
    /// [`MAX_ADMIN_FRAME_BYTES`](crate::MAX_ADMIN_FRAME_BYTES) ends the connection instead.
    fn answer(&self, message: SecretBytes) -> impl Future<Output = SecretBytes> + Send;
}

/// A private Unix socket that listens; its file goes away with it.
#[derive(Debug)]
pub struct AdminServer {
    listener: UnixListener,
    path: PathBuf,
}

impl AdminServer {
    /// Listens at a path, in a directory that the caller has locked: a socket that is already
    /// there was left behind by a daemon that died, and is replaced.
    ///
    /// # Errors
    /// [`AdminError`] if the path is too long, is there and no socket, or cannot be used.
    pub fn bind(path: &Path) -> Result<Self, AdminError> {
        let failed = |source: io::Error| AdminError::Io {
            path: path.to_owned(),
            source,
        };
        let address = SocketAddrUnix::new(path).map_err(|_| AdminError::PathTooLong {
            path: path.to_owned(),
        })?;
        match std::fs::symlink_metadata(path) {
            Ok(place) if place.file_type().is_socket() => {
                std::fs::remove_file(path).map_err(failed)?;
            }
            Ok(_) => return Err(failed(io::ErrorKind::AlreadyExists.into())),
            Err(_) => {}
        }
        let listener = private_listener(&address).map_err(failed)?;
        Ok(Self {
            listener: UnixListener::from_std(listener).map_err(failed)?,
            path: path.to_owned(),
        })
    }

    /// Answers until `stop` is ready. Messages under way are finished.
    pub async fn serve<H: AdminHandler>(self, handler: Arc<H>, stop: impl Future<Output = ()>) {
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => accepted,
            };
            while connections.try_join_next().is_some() {}
            let Ok((stream, _)) = accepted else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            if is_own(&stream) && connections.len() < MAX_CONNECTIONS {
                let handler = Arc::clone(&handler);
                connections.spawn(async move { converse(stream, &*handler).await });
            }
        }
        // Idle ones wait for their next message, which will not be answered any more.
        let drained = async { while connections.join_next().await.is_some() {} };
        let _ = timeout(Duration::from_millis(500), drained).await;
        connections.shutdown().await;
    }
}

impl Drop for AdminServer {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The mode is set on the socket before it gets a name, and the kernel carries it over to the file
/// (unix(7)), so that there is no moment at which others could open it.
fn private_listener(address: &SocketAddrUnix) -> io::Result<StdListener> {
    let socket = socket_with(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        None,
    )?;
    fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
    bind(&socket, address)?;
    listen(&socket, 16)?;
    Ok(StdListener::from(socket))
}

/// Whether the process at the other end is this user's or root's (`SO_PEERCRED`, unix(7)). The
/// file's mode says the same; a socket may have been opened before the mode was.
fn is_own(stream: &UnixStream) -> bool {
    stream
        .peer_cred()
        .is_ok_and(|peer| peer.uid() == 0 || peer.uid() == geteuid().as_raw())
}

async fn converse<H: AdminHandler>(mut stream: UnixStream, handler: &H) {
    while let Ok(Ok(message)) = timeout(PATIENCE, receive(&mut stream)).await {
        let answer = handler.answer(message).await;
        let Ok(Ok(())) = timeout(PATIENCE, send(&mut stream, answer.expose())).await else {
            return;
        };
    }
}

async fn receive(stream: &mut UnixStream) -> io::Result<SecretBytes> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let mut message = vec![0; frame::length(head)?];
    stream.read_exact(&mut message).await?;
    Ok(SecretBytes::new(message))
}

async fn send(stream: &mut UnixStream, answer: &[u8]) -> io::Result<()> {
    let head = frame::head(answer.len()).ok_or(io::ErrorKind::InvalidData)?;
    stream.write_all(&head).await?;
    stream.write_all(answer).await
}
