use std::fmt;

use adyton_codec::CodecError;
use adyton_types::{ErrorClass, UnixTime};
use thiserror::Error;

use crate::checks;
use crate::{ImplementationId, InstanceId};

/// One of the two signed halves of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Signed by the CPAK.
    Platform,
    /// Signed by the RAK.
    Realm,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Platform => "platform token",
            Self::Realm => "realm token",
        })
    }
}

/// Why a CCA token does not verify.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CcaError {
    /// Longer than any token is.
    #[error("{found} bytes are more than the {max} of the longest token")]
    TooLong {
        /// Length in bytes.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// The bytes, or a part of them, are not CBOR as tokens use it.
    #[error("the token is not CBOR of the form that tokens have")]
    Cbor(#[from] CodecError),
    /// The outermost tag, or the collection in it, is no CCA token's.
    #[error("not a CCA token: {what}")]
    Collection {
        /// What is not as it should be.
        what: &'static str,
    },
    /// A half is not a COSE_Sign1 as CCA uses it.
    #[error("the {part} is no COSE_Sign1 of CCA: {what}")]
    Cose {
        /// Which half.
        part: Part,
        /// What is not as it should be.
        what: &'static str,
    },
    /// The signature algorithm is none of ES256, ES384 and ES512.
    #[error("the {part} names the unknown signature algorithm {found}")]
    Algorithm {
        /// Which half.
        part: Part,
        /// The COSE algorithm.
        found: i128,
    },
    /// A claim that no CCA claim set has.
    #[error("the {part} has the unknown claim `{claim}`")]
    UnknownClaim {
        /// Which half.
        part: Part,
        /// Its key.
        claim: String,
    },
    /// A claim is missing.
    #[error("the {part} lacks the claim `{claim}`")]
    MissingClaim {
        /// Which half.
        part: Part,
        /// Its name.
        claim: &'static str,
    },
    /// A claim is of another type, length or range than it should be.
    #[error("the claim `{claim}` of the {part} is not of its type or length")]
    BadClaim {
        /// Which half.
        part: Part,
        /// Its name.
        claim: &'static str,
    },
    /// The profiles are unknown, or do not go together.
    #[error("the profiles `{platform}` and `{realm}` do not make a token")]
    Profiles {
        /// The platform token's.
        platform: String,
        /// The realm token's, empty if it names none.
        realm: String,
    },
    /// The Endorsements are not yet, or no longer, in force.
    #[error(
        "the endorsements are in force from {not_before} to {not_after}, but it is {now}; fetch newer ones"
    )]
    Endorsements {
        /// From when on.
        not_before: UnixTime,
        /// Until when.
        not_after: UnixTime,
        /// The time of verification.
        now: UnixTime,
    },
    /// No platform key is endorsed.
    #[error(
        "no key is endorsed for instance {instance} of implementation {implementation}; fetch the vendor's endorsement of its CPAK"
    )]
    UnknownPlatform {
        /// The implementation id.
        implementation: ImplementationId,
        /// The instance id.
        instance: InstanceId,
    },
    /// A half is not signed by its key.
    #[error("the {0} is not signed by its key")]
    Signature(Part),
    /// The RAK claim is no key.
    #[error("the realm's public key is not one of its profile: {what}")]
    RealmKey {
        /// What is not as it should be.
        what: &'static str,
    },
    /// The platform vouches for another realm key.
    #[error("the platform's challenge is not the hash of the realm's public key")]
    Binding,
    /// The platform is in debug, recoverable, or not yet secured.
    #[error(
        "the platform's lifecycle state {found:#06x} is not in the secured range 0x3000 to 0x30ff"
    )]
    Lifecycle {
        /// The state.
        found: u64,
    },
    /// No Reference Values are there for the implementation.
    #[error(
        "no reference values are there for implementation {implementation}; fetch the vendor's"
    )]
    NoReference {
        /// The implementation id.
        implementation: ImplementationId,
    },
    /// A software component runs that is in no Reference Value.
    #[error(
        "software component {index} (`{kind}`, measurement {measurement}) is none of the reference values"
    )]
    Component {
        /// Its place in the claim, from 0.
        index: usize,
        /// Its type, empty if it names none.
        kind: String,
        /// Its measurement in hex.
        measurement: String,
    },
    /// A required software component does not run.
    #[error("the required software component `{kind}` is not in the token")]
    MissingComponent {
        /// Its type.
        kind: String,
    },
    /// The platform is configured otherwise.
    #[error("the platform's configuration {found} is not the reference value")]
    PlatformConfig {
        /// The configuration in hex.
        found: String,
    },
    /// The realm's measurements are not of one length.
    #[error("the realm's measurements differ in length")]
    RealmMeasurements,
    /// The realm's challenge is all zero.
    #[error("the realm's challenge is empty, so that it binds nothing")]
    EmptyChallenge,
    /// A key handed in as an Endorsement is none, or is a private one.
    #[error("not a public key to endorse: {what}")]
    EndorsedKey {
        /// What is not as it should be.
        what: &'static str,
    },
    /// Two keys are endorsed for one platform.
    #[error("two keys are endorsed for instance {instance} of implementation {implementation}")]
    EndorsedTwice {
        /// The implementation id.
        implementation: ImplementationId,
        /// The instance id.
        instance: InstanceId,
    },
}

impl CcaError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::TooLong { .. }
            | Self::Cbor(_)
            | Self::Collection { .. }
            | Self::Cose { .. }
            | Self::Algorithm { .. }
            | Self::UnknownClaim { .. }
            | Self::MissingClaim { .. }
            | Self::BadClaim { .. }
            | Self::RealmKey { .. }
            | Self::RealmMeasurements => ErrorClass::Malformed,
            Self::Profiles { .. }
            | Self::Signature(_)
            | Self::Binding
            | Self::Lifecycle { .. }
            | Self::Component { .. }
            | Self::MissingComponent { .. }
            | Self::PlatformConfig { .. }
            | Self::EmptyChallenge => ErrorClass::Rejected,
            Self::Endorsements { .. } => ErrorClass::Stale,
            Self::UnknownPlatform { .. } | Self::NoReference { .. } => ErrorClass::Unavailable,
            Self::EndorsedKey { .. } | Self::EndorsedTwice { .. } => ErrorClass::Misuse,
        }
    }

    /// The name of the check that failed.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::TooLong { .. }
            | Self::Cbor(_)
            | Self::Collection { .. }
            | Self::Cose { .. }
            | Self::Algorithm { .. } => checks::FORM.name,
            Self::UnknownClaim { .. } | Self::MissingClaim { .. } | Self::BadClaim { .. } => {
                checks::CLAIM_SET.name
            }
            Self::Profiles { .. } => checks::PROFILES.name,
            Self::Endorsements { .. } => checks::ENDORSEMENTS.name,
            Self::UnknownPlatform { .. }
            | Self::EndorsedKey { .. }
            | Self::EndorsedTwice { .. } => checks::PLATFORM_KEY.name,
            Self::Signature(Part::Platform) => checks::PLATFORM_SIGNATURE.name,
            Self::RealmKey { .. } => checks::REALM_KEY.name,
            Self::Signature(Part::Realm) => checks::REALM_SIGNATURE.name,
            Self::Binding => checks::BINDING.name,
            Self::Lifecycle { .. } => checks::LIFECYCLE.name,
            Self::NoReference { .. } | Self::Component { .. } | Self::MissingComponent { .. } => {
                checks::SW_COMPONENTS.name
            }
            Self::PlatformConfig { .. } => checks::PLATFORM_CONFIG.name,
            Self::RealmMeasurements => checks::REALM_MEASUREMENTS.name,
            Self::EmptyChallenge => checks::CHALLENGE.name,
        }
    }
}
