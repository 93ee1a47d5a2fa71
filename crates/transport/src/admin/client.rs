use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use adyton_crypto::SecretBytes;
use rustix::net::sockopt::socket_peercred;
use rustix::process::geteuid;

use super::AdminError;
use super::frame;

/// How long the daemon may take: exporting a log of a million leaves takes seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to the daemon on this machine, by its socket.
#[derive(Debug)]
pub struct AdminClient {
    stream: UnixStream,
    path: PathBuf,
}

impl AdminClient {
    /// Connects, and makes sure that the socket is private and the process behind it its owner's:
    /// what is sent may be a secret.
    ///
    /// # Errors
    /// [`AdminError::NotRunning`] if nobody listens; every other [`AdminError`] if somebody does
    /// who should not.
    pub fn connect(path: &Path) -> Result<Self, AdminError> {
        let named = |source| named(path, source);
        let place = std::fs::symlink_metadata(path).map_err(named)?;
        let own = geteuid().as_raw();
        let trusted = own == 0 || place.uid() == own || place.uid() == 0;
        if !place.file_type().is_socket() || place.mode() & 0o077 != 0 || !trusted {
            return Err(AdminError::NotPrivate {
                path: path.to_owned(),
                mode: place.mode(),
                owner: place.uid(),
            });
        }
        let stream = UnixStream::connect(path).map_err(named)?;
        let peer = socket_peercred(&stream).map_err(|source| named(source.into()))?;
        if peer.uid.as_raw() != place.uid() {
            return Err(AdminError::ForeignPeer {
                path: path.to_owned(),
                expected: place.uid(),
                found: peer.uid.as_raw(),
            });
        }
        stream.set_read_timeout(Some(PATIENCE)).map_err(named)?;
        stream.set_write_timeout(Some(PATIENCE)).map_err(named)?;
        Ok(Self {
            stream,
            path: path.to_owned(),
        })
    }

    /// Sends one message and waits for its answer.
    ///
    /// # Errors
    /// [`AdminError::Oversized`] for a message beyond
    /// [`MAX_ADMIN_FRAME_BYTES`](crate::MAX_ADMIN_FRAME_BYTES); [`AdminError::Io`] if the daemon
    /// ends before it has answered.
    pub fn call(&mut self, message: &SecretBytes) -> Result<SecretBytes, AdminError> {
        let message = message.expose();
        let head = frame::head(message.len()).ok_or(AdminError::Oversized {
            size: message.len(),
            limit: frame::MAX_ADMIN_FRAME_BYTES,
        })?;
        self.exchange(head, message)
            .map(SecretBytes::new)
            .map_err(|source| AdminError::Io {
                path: self.path.clone(),
                source,
            })
    }

    fn exchange(&mut self, head: [u8; 4], message: &[u8]) -> io::Result<Vec<u8>> {
        self.stream.write_all(&head)?;
        self.stream.write_all(message)?;
        let mut head = [0; 4];
        self.stream.read_exact(&mut head)?;
        let mut answer = vec![0; frame::length(head)?];
        self.stream.read_exact(&mut answer)?;
        Ok(answer)
    }
}

fn named(path: &Path, source: io::Error) -> AdminError {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
            AdminError::NotRunning { path }
        }
        io::ErrorKind::InvalidInput => AdminError::PathTooLong { path },
        _ => AdminError::Io { path, source },
    }
}
