use adyton_codec::CodecError;
use adyton_crypto::{CryptoError, SignedError};
use adyton_types::{ErrorClass, Fingerprint, Name, NameError, TimeError, UnixTime, UnknownTeeKind};
use thiserror::Error;

/// Why something is no signed list of Reference Values, or cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// It is not in the one accepted encoding.
    #[error("not a list of reference values: {0}")]
    Codec(#[from] CodecError),
    /// It is not signed as such a list, by the key that it names.
    #[error("not a list of reference values: {0}")]
    Signed(#[from] SignedError),
    /// The key that it names is none.
    #[error("not a list of reference values: {0}")]
    Key(#[from] CryptoError),
    /// Its name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A kind is none.
    #[error(transparent)]
    Kind(#[from] UnknownTeeKind),
    /// The text before it is signed is no TOML of its form.
    #[error("not a draft of reference values: {0}")]
    Text(#[from] toml::de::Error),
    /// A time of the text is none.
    #[error("not a draft of reference values: `{key}`: {error}")]
    Time {
        /// Which.
        key: &'static str,
        /// What is wrong with it.
        error: TimeError,
    },
    /// A rule of the format does not hold.
    #[error("not a list of reference values: {rule}")]
    Rule {
        /// The rule.
        rule: &'static str,
    },
    /// Another list has the same signer, name and serial number.
    #[error(
        "two lists `{name}` of {signer} have the serial {serial}: ask the signer which is right"
    )]
    SameSerial {
        /// The name.
        name: Name,
        /// Who signs.
        signer: Fingerprint,
        /// The number.
        serial: u64,
    },
    /// There are too many.
    #[error("there are more than {max} lists of reference values")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// No list of that name and signer is at hand.
    #[error("there is none")]
    None,
    /// The newest is older than wanted.
    #[error("the newest has serial {serial}; fetch the signer's current one")]
    Old {
        /// Its number.
        serial: u64,
    },
    /// The newest is out of date.
    #[error("the newest ran out at {until}; fetch the signer's current one")]
    Expired {
        /// Until when it was valid.
        until: UnixTime,
    },
}

impl ReferenceError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Codec(_)
            | Self::Key(_)
            | Self::Name(_)
            | Self::Kind(_)
            | Self::Text(_)
            | Self::Time { .. }
            | Self::Rule { .. }
            | Self::TooMany { .. } => ErrorClass::Malformed,
            Self::Signed(error) => error.class(),
            Self::SameSerial { .. } => ErrorClass::Rejected,
            Self::None | Self::Old { .. } | Self::Expired { .. } => ErrorClass::Stale,
        }
    }
}
