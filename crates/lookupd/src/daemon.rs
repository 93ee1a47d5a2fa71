use std::fmt;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use adyton_attester::TeeSource;
use adyton_lookup::{MAX_REQUEST_BYTES, Terms};
use adyton_transport::{AdminServer, BrokerAddress, Server, ServerIdentity, ServerLimits};
use adyton_types::{Fingerprint, TeeKind};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::directory::Directory;
use crate::enclave::Enclave;
use crate::error::LookupdError;
use crate::front::{Private, Public};
use crate::machine::Machine;
use crate::relay::Relay;
use crate::start::Start;

/// Connections at once: clients that keep theirs open between two queries.
const MAX_CONNECTIONS: usize = 4096;

/// Bytes of requests that are read or wait for the enclave: as many as two full batches, and some
/// owner's rows. 4,096 clients that send all they may would have 4 GiB.
const MAX_BODIES_BYTES: usize = 128 << 20;

/// How long a connection may idle.
const IDLE: Duration = Duration::from_secs(300);

/// How long what blocks may still take at the end.
const LAST_WORK: Duration = Duration::from_secs(2);

/// What a service is told at its start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The front's directory; it is made if it is not there.
    pub directory: PathBuf,
    /// Where to listen; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// The `adyton` executable, which becomes the enclave.
    pub adyton: PathBuf,
    /// The machine's own TEE, if it is to vouch for the service; else the software TEE does.
    pub tee: Option<TeeSource>,
    /// The platform key of this machine's software TEE.
    pub platform_key: PathBuf,
    /// What the service says of itself.
    pub terms: Terms,
    /// Whether there is to be room for a second table, which can then be loaded while the first
    /// serves.
    pub room_for_reload: bool,
}

/// A service that runs.
pub struct Daemon {
    runtime: Runtime,
    stop: watch::Sender<bool>,
    servers: [JoinHandle<()>; 2],
    relay: Arc<Relay>,
    address: BrokerAddress,
    enclave: Enclave,
    _directory: Directory,
}

impl fmt::Debug for Daemon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Daemon({})", self.address)
    }
}

impl Daemon {
    /// Starts the enclave, then listens. When this returns, owners can load their table. The
    /// calling thread has to live on: the enclave ends with it.
    ///
    /// # Errors
    /// [`LookupdError`].
    pub fn start(config: &Config) -> Result<Self, LookupdError> {
        let directory = Directory::open(&config.directory)?;
        let key = directory.tls_key()?;
        let identity = ServerIdentity::of_key(&key)?;
        let machine = config.tee.as_ref().map(Machine::open).transpose()?;
        let platform_key = match config.tee {
            Some(_) => None,
            None => Some(platform_key(&config.platform_key)?),
        };
        let start = Start {
            terms: config.terms.clone(),
            tables: if config.room_for_reload { 2 } else { 1 },
            tee: config
                .tee
                .as_ref()
                .map_or(TeeKind::Software, TeeSource::kind),
        };
        let (enclave, hatch) = Enclave::start(&config.adyton, platform_key.as_ref(), &start)?;
        let runtime = Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|source| LookupdError::Runtime { source })?;
        let limits = ServerLimits {
            max_connections: MAX_CONNECTIONS,
            body_bytes: MAX_REQUEST_BYTES,
            bodies_bytes: MAX_BODIES_BYTES,
            head: IDLE,
            ..ServerLimits::default()
        };
        let server = runtime.block_on(Server::bind(config.listen, &identity, limits))?;
        let door = {
            let _inside = runtime.enter();
            AdminServer::bind(&directory.socket())?
        };
        let id = Fingerprint::new(*key.spki_digest().as_bytes());
        let address = BrokerAddress::new(server.address(), id);
        let relay = Arc::new(Relay::new(hatch));
        let private = Private::new(Arc::clone(&relay), address.to_string(), enclave.guardian());
        let private = Arc::new(private);
        let public = Arc::new(Public {
            relay: Arc::clone(&relay),
            machine,
        });
        let (stop, stopped) = watch::channel(false);
        let servers = [
            runtime.spawn(server.serve(public, told(stopped.clone()))),
            runtime.spawn(door.serve(private, told(stopped))),
        ];
        Ok(Self {
            runtime,
            stop,
            servers,
            relay,
            address,
            enclave,
            _directory: directory,
        })
    }

    /// Where clients find it. If it listens on every address of the machine (`0.0.0.0`), its
    /// operator puts the machine's name in the host's place.
    #[must_use]
    pub const fn address(&self) -> &BrokerAddress {
        &self.address
    }

    /// The guardian's process id.
    #[must_use]
    pub fn guardian(&self) -> u32 {
        self.enclave.guardian()
    }

    /// Serves until the process is told to end (SIGTERM, SIGINT), then stops.
    ///
    /// # Errors
    /// [`LookupdError::Died`] if the enclave ends before; [`LookupdError::Runtime`] if signals
    /// cannot be waited for.
    pub fn run_until_signal(mut self) -> Result<(), LookupdError> {
        let relay = Arc::clone(&self.relay);
        let wait = async {
            let mut end = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            Ok(tokio::select! {
                _ = end.recv() => false,
                _ = interrupt.recv() => false,
                () = relay.ended() => true,
            })
        };
        let died = self
            .runtime
            .block_on(wait)
            .map_err(|source| LookupdError::Runtime { source })?;
        let result = if died {
            Err(self.enclave.died())
        } else {
            Ok(())
        };
        self.stop();
        result
    }

    /// Takes no more messages, ends those under way, and ends the enclave.
    pub fn stop(self) {
        let _ = self.stop.send(true);
        self.runtime.block_on(async {
            for server in self.servers {
                let _ = server.await;
            }
        });
        drop(self.enclave);
        self.runtime.shutdown_timeout(LAST_WORK);
    }
}

fn platform_key(path: &Path) -> Result<File, LookupdError> {
    File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => LookupdError::NoPlatformKey {
            path: path.to_owned(),
        },
        _ => LookupdError::file(path)(error),
    })
}

async fn told(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
