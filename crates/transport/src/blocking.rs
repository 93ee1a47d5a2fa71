use adyton_protocol::Card;
use tokio::runtime::{Builder, Runtime};

use crate::{Answer, BrokerAddress, ClientLimits, PinnedClient, TransportError};

/// [`PinnedClient`] for callers without a runtime: each call blocks until its answer is there.
///
/// It has a runtime of its own on the calling thread, and so must not be used inside another.
pub struct BlockingClient {
    // Dropped in this order: the client's connection lives on the runtime.
    client: PinnedClient,
    runtime: Runtime,
}

impl std::fmt::Debug for BlockingClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blocking{:?}", self.client)
    }
}

impl BlockingClient {
    /// Connects, as [`PinnedClient::connect`].
    ///
    /// # Errors
    /// Every [`TransportError`] of a handshake.
    pub fn connect(address: &BrokerAddress, limits: ClientLimits) -> Result<Self, TransportError> {
        let runtime = runtime()?;
        let client = runtime.block_on(PinnedClient::connect(address, limits))?;
        Ok(Self { client, runtime })
    }

    /// Connects, as [`PinnedClient::connect_to_key`].
    ///
    /// # Errors
    /// Every [`TransportError`] of a handshake.
    pub fn connect_to_key(
        address: &BrokerAddress,
        limits: ClientLimits,
    ) -> Result<Self, TransportError> {
        let runtime = runtime()?;
        let client = runtime.block_on(PinnedClient::connect_to_key(address, limits))?;
        Ok(Self { client, runtime })
    }

    /// The broker's card, whose digest is the pinned id; a server that is known by its key has none.
    #[must_use]
    pub const fn card(&self) -> Option<&Card> {
        self.client.card()
    }

    /// Asks for what is at a path.
    ///
    /// # Errors
    /// As [`PinnedClient::get`].
    pub fn get(&mut self, path: &str) -> Result<Answer, TransportError> {
        self.runtime.block_on(self.client.get(path))
    }

    /// Sends dCBOR to a path.
    ///
    /// # Errors
    /// As [`PinnedClient::post`].
    pub fn post(&mut self, path: &str, body: Vec<u8>) -> Result<Answer, TransportError> {
        self.runtime.block_on(self.client.post(path, body))
    }
}

fn runtime() -> Result<Runtime, TransportError> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|source| TransportError::Runtime { source })
}
