use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use adyton_broker::{AdminCommand, AdminReply};
use adyton_merkle::Tile;
use adyton_protocol::Card;
use adyton_transport::AdminClient;

use crate::directory::{card_in, socket_in};
use crate::harden::harden_process;
use crate::message::{Ask, Tell};
use crate::service::Service;
use crate::steps::Unwatched;
use crate::{BrokerdError, Status, SystemClock};

/// How often somebody else who has the broker is waited for, and how long each time.
const PATIENCE: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// The owner's hand on a broker: through the daemon's socket if one runs, else on the store itself.
pub struct Control {
    path: PathBuf,
    card: Card,
    way: Way,
}

enum Way {
    Daemon(AdminClient),
    Direct(Box<Service>),
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let way = if self.is_running() {
            "daemon"
        } else {
            "direct"
        };
        write!(f, "Control({}, {way})", self.path.display())
    }
}

impl Control {
    /// Reaches the broker in a directory. Without a daemon, the broker is locked for as long as
    /// this lives.
    ///
    /// Another command, or a daemon that is just starting or ending, is waited for, about a second.
    ///
    /// # Errors
    /// [`BrokerdError`]; [`BrokerdError::InUse`] if one of these takes longer.
    pub fn open(path: &Path) -> Result<Self, BrokerdError> {
        harden_process()?;
        let mut way = Self::way(path);
        for _ in 0..PATIENCE {
            if !matches!(way, Err(BrokerdError::InUse { .. })) {
                break;
            }
            thread::sleep(PAUSE);
            way = Self::way(path);
        }
        let way = way?;
        let file = card_in(path);
        let card = std::fs::read(&file).map_err(BrokerdError::file(&file))?;
        Ok(Self {
            path: path.to_owned(),
            card: Card::parse(&card).map_err(|_| BrokerdError::Identity {
                path: path.to_owned(),
            })?,
            way,
        })
    }

    fn way(path: &Path) -> Result<Way, BrokerdError> {
        match Service::open(path, Arc::new(SystemClock), Arc::new(Unwatched)) {
            Ok((service, _)) => Ok(Way::Direct(Box::new(service))),
            Err(in_use @ BrokerdError::InUse { .. }) => {
                match AdminClient::connect(&socket_in(path)) {
                    Ok(client) => Ok(Way::Daemon(client)),
                    Err(adyton_transport::AdminError::NotRunning { .. }) => Err(in_use),
                    Err(error) => Err(error.into()),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a daemon carries the commands out.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self.way, Way::Daemon(_))
    }

    /// The broker's card.
    #[must_use]
    pub const fn card(&self) -> &Card {
        &self.card
    }

    fn ask(&mut self, ask: Ask) -> Result<Tell, BrokerdError> {
        let told = match &mut self.way {
            Way::Direct(service) => service.tell(ask, None),
            Way::Daemon(client) => {
                let answer = client.call(&ask.encode())?;
                let told = Tell::parse(answer.expose());
                told.ok_or_else(|| self.other_version())?
            }
        };
        match told {
            Tell::Error(error) => Err(BrokerdError::Refused {
                class: error.class,
                message: error.error,
            }),
            told => Ok(told),
        }
    }

    fn other_version(&self) -> BrokerdError {
        BrokerdError::OtherVersion {
            path: self.path.clone(),
        }
    }

    /// Has a command carried out. What changes something is in the log when this returns.
    ///
    /// # Errors
    /// [`BrokerdError::Refused`] if it was not carried out.
    pub fn execute(&mut self, command: AdminCommand) -> Result<AdminReply, BrokerdError> {
        match self.ask(Ask::Command(command))? {
            Tell::Reply(reply) => Ok(reply),
            _ => Err(self.other_version()),
        }
    }

    /// How the broker is.
    ///
    /// # Errors
    /// [`BrokerdError`].
    pub fn status(&mut self) -> Result<Status, BrokerdError> {
        match self.ask(Ask::Status)? {
            Tell::Status(status) => Ok(status),
            _ => Err(self.other_version()),
        }
    }

    /// The log's signed checkpoint (C2SP `tlog-checkpoint`).
    ///
    /// # Errors
    /// [`BrokerdError`].
    pub fn checkpoint(&mut self) -> Result<String, BrokerdError> {
        match self.ask(Ask::Checkpoint)? {
            Tell::Checkpoint(text) => Ok(text),
            _ => Err(self.other_version()),
        }
    }

    pub(crate) fn tile(&mut self, tile: Tile) -> Result<Vec<u8>, BrokerdError> {
        match self.ask(Ask::Tile(tile))? {
            Tell::Tile(Some(bytes)) => Ok(bytes),
            _ => Err(self.other_version()),
        }
    }
}
