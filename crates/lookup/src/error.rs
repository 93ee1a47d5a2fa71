use adyton_codec::CodecError;
use adyton_crypto::CryptoError;
use adyton_oblivious::ObliviousError;
use adyton_tokens::TokenError;
use adyton_types::ErrorClass;
use thiserror::Error;

use crate::fault::WireFault;

/// Why a service does not do what a message asks. The operator reads these: none tells anything
/// that lengths, counts and times do not tell, nor of anybody but the one who asks.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LookupError {
    /// Not one of this protocol's structures.
    #[error(transparent)]
    Wire(#[from] WireFault),
    /// The service has no such session, or has it no more.
    #[error("there is no such session, or it has ended: begin another")]
    NoSession,
    /// There are as many sessions as there may be.
    #[error("the service has too many sessions: try again later")]
    TooManySessions,
    /// A session is opened twice, or used before it is opened.
    #[error("the session was opened before, or not yet: begin another")]
    OutOfTurn,
    /// A message is not sealed to this session, comes twice, or not in its turn.
    #[error("the message does not open: it was altered, or sent before; begin another session")]
    DoesNotOpen,
    /// A message that is none of the kinds that there are.
    #[error("the message is of no known kind, or of another length than its kind has")]
    Message,
    /// A query of a length that is no class.
    #[error("the query is of no known class: pad it to one")]
    NoClass,
    /// A session has asked for as much as it may.
    #[error(
        "the session's quota is spent: {left} of {quota} keys are left, and {asked} were asked"
    )]
    Quota {
        /// Keys asked for now.
        asked: u64,
        /// Keys that the session may still ask.
        left: u64,
        /// All that it may.
        quota: u64,
    },
    /// There is no table yet.
    #[error("the table is not loaded yet: try again later")]
    NoTable,
    /// More queries wait than can be answered soon.
    #[error("the service is busy: try again later")]
    Busy,
    /// Only the owner may do this.
    #[error("only the table's owner may do this, and this session is not its")]
    NotOwner,
    /// A signature is not the owner's.
    #[error("the signature is not the owner's whom the terms name")]
    OwnerSignature,
    /// Rows come, or end, that were not begun.
    #[error("no load was begun in this session")]
    NoLoad,
    /// A second load, and memory for one table only.
    #[error(
        "there is memory for one table only, and that serves: send changes, or serve with `--room-for-reload`"
    )]
    NoRoom,
    /// A load is not as long as it said.
    #[error(
        "the load has {found} records and said that it would have {announced}: it was cut short, or is not whole"
    )]
    Truncated {
        /// Records announced.
        announced: u64,
        /// Records that came.
        found: u64,
    },
    /// A token does not count.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A token comes twice.
    #[error("the token was spent before")]
    Spent,
    /// No more tokens can be remembered.
    #[error("the service takes no more tokens until it is started again")]
    NoMoreTokens,
    /// The table cannot do it.
    #[error(transparent)]
    Table(#[from] ObliviousError),
}

impl LookupError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Wire(_) | Self::Message | Self::NoClass | Self::Truncated { .. } => {
                ErrorClass::Malformed
            }
            Self::NoSession | Self::OutOfTurn => ErrorClass::Stale,
            Self::DoesNotOpen
            | Self::Quota { .. }
            | Self::NotOwner
            | Self::OwnerSignature
            | Self::Spent => ErrorClass::Rejected,
            Self::TooManySessions | Self::NoTable | Self::Busy | Self::NoMoreTokens => {
                ErrorClass::Unavailable
            }
            Self::NoLoad | Self::NoRoom => ErrorClass::Misuse,
            Self::Token(error) => error.class(),
            Self::Table(error) => error.class(),
        }
    }
}

impl From<CryptoError> for LookupError {
    fn from(_: CryptoError) -> Self {
        Self::DoesNotOpen
    }
}

impl From<CodecError> for LookupError {
    fn from(error: CodecError) -> Self {
        Self::Wire(error.into())
    }
}
