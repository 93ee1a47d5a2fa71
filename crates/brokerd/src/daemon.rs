use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use adyton_protocol::Card;
use adyton_transport::{AdminServer, BrokerAddress, Server};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::harden::harden_process;
use crate::routes::{Private, Public};
use crate::service::Service;
use crate::{BrokerdError, Config};

/// Threads that decide on requests. Each waits for the disk most of the time, and those that wait
/// together share one `fdatasync`.
const WORKERS: usize = 128;

/// How long work that blocks may still take at the end.
const LAST_WORK: Duration = Duration::from_secs(10);

/// A broker in service, on threads of its own.
pub struct Daemon {
    runtime: Runtime,
    stop: watch::Sender<bool>,
    servers: [JoinHandle<()>; 2],
    address: SocketAddr,
    card: Card,
}

impl std::fmt::Debug for Daemon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Daemon({})", self.broker_address())
    }
}

impl Daemon {
    /// Opens the broker, listens, and records the start in the log. When this returns, requests are
    /// being answered.
    ///
    /// The process can no longer be dumped or traced by others of the same user from then on: what
    /// it holds in memory are the owner's secrets.
    ///
    /// # Errors
    /// [`BrokerdError`].
    pub fn start(config: &Config) -> Result<Self, BrokerdError> {
        harden_process()?;
        let (clock, steps) = (Arc::clone(&config.clock), Arc::clone(&config.steps));
        let (mut service, identity) = Service::open(&config.directory, clock, steps)?;
        if let Some(endorsements) = &config.endorsements {
            service.endorse(endorsements, config.trust.clone())?;
        }
        let runtime = Builder::new_multi_thread()
            .max_blocking_threads(WORKERS)
            .enable_all()
            .build()
            .map_err(|source| BrokerdError::Runtime { source })?;
        let server = Server::bind(config.listen, &identity, config.limits);
        let server = runtime.block_on(server)?;
        let door = {
            let _inside = runtime.enter();
            AdminServer::bind(&crate::directory::socket_in(&config.directory))?
        };
        service.boot()?;
        let (card, address) = (service.card().clone(), server.address());
        let service = Arc::new(service);
        let private = Arc::new(Private {
            since: service.now(),
            service: Arc::clone(&service),
            address,
        });
        let public = Arc::new(Public(service));
        let (stop, stopped) = watch::channel(false);
        let servers = [
            runtime.spawn(server.serve(public, told(stopped.clone()))),
            runtime.spawn(door.serve(private, told(stopped))),
        ];
        Ok(Self {
            runtime,
            stop,
            servers,
            address,
            card,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its card.
    #[must_use]
    pub const fn card(&self) -> &Card {
        &self.card
    }

    /// What others pin. If it listens on every address of the machine (`0.0.0.0`), its owner puts
    /// the machine's name in the host's place.
    #[must_use]
    pub fn broker_address(&self) -> BrokerAddress {
        BrokerAddress::new(self.address, self.card.id())
    }

    /// Serves until the process is told to end (SIGTERM, SIGINT), then stops.
    ///
    /// # Errors
    /// [`BrokerdError::Runtime`] if signals cannot be waited for.
    pub fn run_until_signal(self) -> Result<(), BrokerdError> {
        let wait = async {
            let mut end = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            tokio::select! {
                _ = end.recv() => {}
                _ = interrupt.recv() => {}
            }
            Ok(())
        };
        self.runtime
            .block_on(wait)
            .map_err(|source| BrokerdError::Runtime { source })?;
        self.stop();
        Ok(())
    }

    /// Takes no more requests, ends those under way, and closes the store.
    pub fn stop(self) {
        let _ = self.stop.send(true);
        self.runtime.block_on(async {
            for server in self.servers {
                let _ = server.await;
            }
        });
        self.runtime.shutdown_timeout(LAST_WORK);
    }
}

async fn told(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}
