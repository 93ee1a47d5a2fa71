use adyton_codec::CodecError;
use adyton_types::{ErrorClass, UnixTime};
use thiserror::Error;

/// Why a token is no Attestation Result to rely on, or could not be issued.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EarError {
    /// It is longer than a token may be.
    #[error("the token is {found} bytes long; at most 262144 are allowed")]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// It is no JWT: three parts in base64url without padding, divided by dots.
    #[error("not a JWT: {what}")]
    Jwt {
        /// What is wrong with it.
        what: &'static str,
    },
    /// Its JSON is none, or not of the form that an EAR has.
    #[error("not an EAR: {why}")]
    Json {
        /// What the reader of JSON says.
        why: String,
    },
    /// Its CBOR is none, or not of the form that an EAR has.
    #[error("not an EAR: {0}")]
    Cbor(#[from] CodecError),
    /// A claim is not what the profile wants.
    #[error("`{claim}` is not as it has to be: {rule}")]
    Claim {
        /// The claim.
        claim: &'static str,
        /// What it has to be.
        rule: &'static str,
    },
    /// The token is signed by another algorithm than the pinned key's.
    #[error("the token is signed by `{found}`, and the pinned key is for `{expected}`")]
    Algorithm {
        /// That of the pinned key.
        expected: &'static str,
        /// What the token says.
        found: String,
    },
    /// The signature does not verify under the pinned key.
    #[error("the signature of the token does not verify under the pinned key")]
    Signature,
    /// Somebody else issued it.
    #[error("the token is from `{found}`, and `{expected}` is pinned")]
    Issuer {
        /// The pinned issuer.
        expected: String,
        /// Who it says.
        found: String,
    },
    /// It is meant for somebody else.
    #[error("the token is for `{found}`, and this is `{expected}`")]
    Audience {
        /// The pinned audience.
        expected: String,
        /// Whom it is for.
        found: String,
    },
    /// It is not valid yet.
    #[error("the token is valid from {from}, and it is {now}; look at the clocks")]
    NotYet {
        /// From when.
        from: UnixTime,
        /// The time.
        now: UnixTime,
    },
    /// It is no longer valid.
    #[error("the token ran out at {until}, and it is {now}; have the Evidence appraised again")]
    Expired {
        /// Until when.
        until: UnixTime,
        /// The time.
        now: UnixTime,
    },
    /// A key is none.
    #[error("not a {what}")]
    Key {
        /// What it should be.
        what: &'static str,
    },
}

impl EarError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::TooLong { .. }
            | Self::Jwt { .. }
            | Self::Json { .. }
            | Self::Cbor(_)
            | Self::Claim { .. }
            | Self::Key { .. } => ErrorClass::Malformed,
            Self::Algorithm { .. }
            | Self::Signature
            | Self::Issuer { .. }
            | Self::Audience { .. } => ErrorClass::Rejected,
            Self::NotYet { .. } | Self::Expired { .. } => ErrorClass::Stale,
        }
    }
}
