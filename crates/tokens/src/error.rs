use adyton_types::ErrorClass;
use thiserror::Error;

/// Why there is no token, or why it does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Not the public key of an issuer of this type.
    #[error("this is no issuer's key: RSASSA-PSS with SHA-384, 2048 bits, in DER")]
    Key,
    /// A request, a response or a token of another length or type.
    #[error("this is no {0} of token type 2")]
    Form(&'static str),
    /// A request is for another key.
    #[error("the request is for another issuer's key: fetch the service's terms anew")]
    OtherKey,
    /// A signature does not verify, or a token is for something else.
    #[error("the token is not the issuer's, or for another service or another start of it")]
    Invalid,
    /// The issuer's key cannot sign.
    #[error("the issuer's key is damaged")]
    Sign,
}

impl TokenError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(self) -> ErrorClass {
        match self {
            Self::Key | Self::Form(_) => ErrorClass::Malformed,
            Self::Invalid => ErrorClass::Rejected,
            Self::OtherKey => ErrorClass::Stale,
            Self::Sign => ErrorClass::Misuse,
        }
    }
}
