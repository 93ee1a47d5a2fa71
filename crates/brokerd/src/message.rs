//! What goes over the owner's socket: a byte that says what kind, and that kind's own encoding.
//! Both ends are the same executable on the same machine.

use adyton_broker::{AdminCommand, AdminReply};
use adyton_crypto::SecretBytes;
use adyton_merkle::Tile;
use adyton_protocol::ErrorBody;

use crate::Status;

/// What the owner asks.
#[derive(Debug)]
pub(crate) enum Ask {
    Command(AdminCommand),
    Status,
    Checkpoint,
    Tile(Tile),
}

/// What the daemon says.
#[derive(Debug)]
pub(crate) enum Tell {
    Reply(AdminReply),
    Status(Status),
    Checkpoint(String),
    /// Nothing if the log does not reach so far.
    Tile(Option<Vec<u8>>),
    Error(ErrorBody),
}

fn framed(kind: u8, body: &[u8]) -> SecretBytes {
    let mut message = Vec::with_capacity(1 + body.len());
    message.push(kind);
    message.extend_from_slice(body);
    SecretBytes::new(message)
}

impl Ask {
    pub(crate) fn encode(&self) -> SecretBytes {
        match self {
            Self::Command(command) => framed(b'c', command.encode().expose()),
            Self::Status => framed(b's', &[]),
            Self::Checkpoint => framed(b'k', &[]),
            Self::Tile(tile) => framed(b't', tile.to_string().as_bytes()),
        }
    }

    /// `None` for what is no question; a command that is none tells why.
    pub(crate) fn parse(message: &[u8]) -> Option<Result<Self, adyton_broker::AdminError>> {
        let (kind, body) = message.split_first()?;
        Some(match kind {
            b'c' => AdminCommand::parse(body).map(Self::Command),
            b's' if body.is_empty() => Ok(Self::Status),
            b'k' if body.is_empty() => Ok(Self::Checkpoint),
            b't' => Ok(Self::Tile(std::str::from_utf8(body).ok()?.parse().ok()?)),
            _ => return None,
        })
    }
}

impl Tell {
    pub(crate) fn encode(&self) -> SecretBytes {
        match self {
            Self::Reply(reply) => framed(b'r', &reply.encode()),
            Self::Status(status) => framed(b's', &status.encode()),
            Self::Checkpoint(text) => framed(b'k', text.as_bytes()),
            Self::Tile(Some(bytes)) => framed(b't', bytes),
            Self::Tile(None) => framed(b'n', &[]),
            Self::Error(error) => framed(b'e', &error.encode()),
        }
    }

    pub(crate) fn parse(message: &[u8]) -> Option<Self> {
        let (kind, body) = message.split_first()?;
        Some(match kind {
            b'r' => Self::Reply(AdminReply::parse(body).ok()?),
            b's' => Self::Status(Status::parse(body).ok()?),
            b'k' => Self::Checkpoint(std::str::from_utf8(body).ok()?.to_owned()),
            b't' => Self::Tile(Some(body.to_vec())),
            b'n' if body.is_empty() => Self::Tile(None),
            b'e' => Self::Error(ErrorBody::parse(body).ok()?),
            _ => return None,
        })
    }
}
