use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use adyton_broker::{Effect, Engine, ReleaseError, StateError};
use adyton_crypto::os_rng;
use adyton_protocol::limits::MAX_TEXT_BYTES;
use adyton_protocol::{Card, ErrorBody};
use adyton_store::Store;
use adyton_transport::ServerIdentity;
use adyton_types::{ErrorClass, UnixTime};
use adyton_verifier::material::Trust;

use crate::directory::Directory;
use crate::endorsements::EndorsementDirectory;
use crate::identity::{Identity, tables};
use crate::message::{Ask, Tell};
use crate::state::SealedState;
use crate::steps::Unwatched;
use crate::{BrokerdError, Clock, Status, Step, Steps, root_key};

/// A broker whose store is open: the engine with its state and its clock. Everything here blocks,
/// on the disk or on arithmetic.
pub(crate) struct Service {
    engine: Engine,
    store: Store,
    clock: Arc<dyn Clock>,
    steps: Arc<dyn Steps>,
    unwatched: Arc<dyn Steps>,
    endorsements: Option<EndorsementDirectory>,
    // Held as long as the store is open.
    _directory: Directory,
}

impl Service {
    /// Opens the broker in a directory.
    pub(crate) fn open(
        path: &Path,
        clock: Arc<dyn Clock>,
        steps: Arc<dyn Steps>,
    ) -> Result<(Self, ServerIdentity), BrokerdError> {
        let directory = Directory::open(path)?;
        let store = {
            let root = root_key::read(&directory.root_key())?;
            Store::open(&directory.store(), &root, &tables())?
        };
        let foreign = || BrokerdError::Identity {
            path: directory.path().to_owned(),
        };
        let identity = Identity::load(&store)?.ok_or_else(foreign)?;
        let file = directory.card();
        let card = std::fs::read(&file).map_err(BrokerdError::file(&file))?;
        // People have pinned what is in the file.
        if Card::parse(&card).ok() != Some(identity.card()) {
            return Err(foreign());
        }
        let server = identity.server()?;
        let service = Self {
            engine: Engine::new(identity.broker, &mut os_rng()),
            store,
            clock,
            steps,
            unwatched: Arc::new(Unwatched),
            endorsements: None,
            _directory: directory,
        };
        Ok((service, server))
    }

    /// Judges Evidence of hardware by what is in a directory, from now on.
    pub(crate) fn endorse(&mut self, path: &Path, trust: Trust) -> Result<(), BrokerdError> {
        let directory = EndorsementDirectory::new(path, trust);
        directory.load(&self.engine, self.now())?;
        self.endorsements = Some(directory);
        Ok(())
    }

    pub(crate) const fn card(&self) -> &Card {
        self.engine.card()
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    fn state<'a>(&'a self, steps: &'a Arc<dyn Steps>) -> SealedState<'a> {
        SealedState {
            store: &self.store,
            steps,
        }
    }

    pub(crate) fn boot(&self) -> Result<(), StateError> {
        self.engine.boot(&self.state(&self.unwatched), self.now())
    }

    pub(crate) fn challenge(&self) -> Vec<u8> {
        self.engine.challenge(self.now(), &mut os_rng())
    }

    pub(crate) fn checkpoint(&self) -> Result<String, StateError> {
        self.engine.checkpoint(&self.state(&self.unwatched))
    }

    /// Takes a request through the engine's three steps. The clock is read anew for each: a request
    /// may have waited for the disk.
    pub(crate) fn release(&self, request: &[u8]) -> Result<Effect, ReleaseError> {
        self.steps.reached(Step::Received);
        if let Some(endorsements) = &self.endorsements {
            endorsements.refresh(&self.engine, self.now());
        }
        let verified = self.engine.verify(request, self.now())?;
        self.steps.reached(Step::Verified);
        let state = self.state(&self.steps);
        let committed = self.engine.commit(&state, verified, self.now())?;
        self.steps.reached(Step::Committed);
        let effect = self.engine.answer(committed, self.now(), &mut os_rng())?;
        self.steps.reached(Step::Answered);
        Ok(effect)
    }

    pub(crate) fn status(
        &self,
        listening: Option<SocketAddr>,
        since: Option<UnixTime>,
    ) -> Result<Status, StateError> {
        Ok(Status {
            id: self.engine.id(),
            origin: self.card().log().origin().as_str().to_owned(),
            listening,
            since,
            generation: self.store.generation(),
            endorsements: self.endorsements.as_ref().map(EndorsementDirectory::shown),
            checkpoint: self.checkpoint()?,
        })
    }

    /// Answers the owner.
    pub(crate) fn tell(&self, ask: Ask, running: Option<(SocketAddr, UnixTime)>) -> Tell {
        let state = self.state(&self.unwatched);
        let told = match ask {
            Ask::Command(command) => {
                let (now, rng) = (self.now(), &mut os_rng());
                let reply = self.engine.administer(&state, command, now, rng);
                return reply.map_or_else(|e| error_tell(e.class(), &e), Tell::Reply);
            }
            Ask::Status => {
                if let Some(endorsements) = &self.endorsements {
                    endorsements.refresh(&self.engine, self.now());
                }
                let (listening, since) = running.unzip();
                self.status(listening, since).map(Tell::Status)
            }
            Ask::Checkpoint => self.checkpoint().map(Tell::Checkpoint),
            Ask::Tile(tile) => self.engine.tile(&state, &tile).map(Tell::Tile),
        };
        told.unwrap_or_else(|e| error_tell(e.class(), &e))
    }
}

fn error_tell(class: ErrorClass, error: &dyn std::error::Error) -> Tell {
    Tell::Error(error_body(class, error))
}

/// An error as a body, cut to what a body takes.
pub(crate) fn error_body(class: ErrorClass, error: &dyn std::error::Error) -> ErrorBody {
    let mut text = error.to_string();
    text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
    ErrorBody { class, error: text }
}
