use adyton_codec::CodecError;
use adyton_types::{ErrorClass, UnixTime};
use thiserror::Error;

use crate::checks;
use crate::eventlog::EventLogError;
use crate::pcr::{PcrError, PcrSelection, PcrSet};
use crate::wire::FormError;

/// Why TPM Evidence does not verify, or a key is not enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TpmError {
    /// The container is not TPM Evidence.
    #[error("not TPM Evidence")]
    Container(#[from] CodecError),
    /// The container names a bank that is not accepted.
    #[error("`{name}` is no accepted PCR bank; use one of sha256, sha384, sha512")]
    Bank {
        /// The name, cut to 40 characters.
        name: String,
    },
    /// A PCR value is none, or they are not in ascending order.
    #[error("the PCR values of the Evidence are not valid")]
    PcrValue(#[from] PcrError),
    /// PCR values are not in ascending order.
    #[error("the PCR values of the Evidence are not in ascending order")]
    PcrOrder,
    /// The quote is not a `TPMS_ATTEST` of a quote.
    #[error(transparent)]
    Attest(FormError),
    /// The signature is not a `TPMT_SIGNATURE`.
    #[error(transparent)]
    SignatureForm(FormError),
    /// The key is not a `TPMT_PUBLIC`.
    #[error(transparent)]
    Public(#[from] FormError),
    /// The key is no valid one, too weak, or longer than any TPM's.
    #[error("the TPM's key is no point of its curve, or no RSA key of 2048 to 4096 bits")]
    Key,
    /// The key lacks an attribute that it needs.
    #[error("the key lacks the attribute `{attribute}`")]
    AttributeMissing {
        /// The attribute's name in TPM 2.0 part 2.
        attribute: &'static str,
    },
    /// The key has an attribute that it must not have.
    #[error("the key has the attribute `{attribute}`, which it must not")]
    AttributeForbidden {
        /// The attribute's name in TPM 2.0 part 2.
        attribute: &'static str,
    },
    /// Nobody vouches for the key: no certificate is with it, and no enrolment knows its name.
    #[error("the Attestation Key has no certificate and is not enrolled; enrol it first")]
    AkUnknown,
    /// The certificate is for another key.
    #[error("the certificate is for another key than the TPM's")]
    AkCertificateKey,
    /// A certificate says that its key, or those that it certifies, are for something else.
    #[error("certificate {index} is not for such a key of a TPM (`extKeyUsage`)")]
    Purpose {
        /// Which certificate, the leaf being 0.
        index: usize,
    },
    /// A certificate says where its issuer's revocation list is, and none is there.
    #[error("certificate {index} has a revocation list that was not given: fetch `{url}`")]
    RevocationList {
        /// Which certificate, the leaf being 0.
        index: usize,
        /// Where the list is.
        url: String,
    },
    /// The certificate's path is not accepted.
    #[error("the certificate of the TPM's key is not accepted")]
    Certificate(#[from] adyton_pki::PkiError),
    /// What vouches for the key is not valid now.
    #[error(
        "the trust in the Attestation Key is valid from {not_before} to {not_after}, now is {now}"
    )]
    AkExpired {
        /// First moment.
        not_before: UnixTime,
        /// Last moment.
        not_after: UnixTime,
        /// The time of the verification.
        now: UnixTime,
    },
    /// The signature's scheme or hash is not accepted, or is not the key's.
    #[error("a signature by {found} is not accepted for a key of {key}")]
    Scheme {
        /// Scheme and hash found.
        found: String,
        /// The key's kind, or its own scheme.
        key: String,
    },
    /// The signature is not the key's.
    #[error("the quote is not signed by the Attestation Key")]
    Signature,
    /// The Verifier asked for an empty nonce: any quote would answer it.
    #[error("an empty nonce proves no freshness")]
    NonceEmpty,
    /// The quote is for another nonce.
    #[error("the quote is for another nonce (`extraData`)")]
    Nonce,
    /// The quote selects other PCRs than those that were asked for.
    #[error("the quote selects the PCRs `{found}`, not `{expected}`")]
    Selection {
        /// What was asked for.
        expected: PcrSelection,
        /// What the quote says.
        found: String,
    },
    /// The values are of other PCRs than those that were asked for.
    #[error("the Evidence holds values of the PCRs `{found}`, not `{expected}`")]
    Values {
        /// What was asked for.
        expected: PcrSelection,
        /// What was given.
        found: PcrSet,
    },
    /// The quote is over other values.
    #[error("the quote's digest is not that of the PCR values")]
    PcrDigest,
    /// The event log does not explain the PCRs.
    #[error("the event log is not accepted")]
    EventLog(#[from] EventLogError),
    /// A session's second quote is from another boot, or another key.
    #[error("`{field}` differs between the session's quotes: {earlier} then {later}")]
    Session {
        /// The field.
        field: &'static str,
        /// Its value in the earlier quote.
        earlier: String,
        /// Its value in the later one.
        later: String,
    },
    /// The Endorsement Key is not the pinned one.
    #[error("the Endorsement Key is not the pinned one")]
    EkPin,
    /// No credential can be made for this key, or with this secret.
    #[error("no credential can be made: the key is no Endorsement Key, or the secret is too long")]
    Credential,
    /// The TPM did not give the credential's secret back.
    #[error("the answer is not the credential's secret: the keys are not of one TPM")]
    Activation,
}

impl TpmError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Container(_)
            | Self::Bank { .. }
            | Self::PcrValue(_)
            | Self::PcrOrder
            | Self::Attest(_)
            | Self::SignatureForm(_)
            | Self::Public(_) => ErrorClass::Malformed,
            Self::Certificate(error) => error.class(),
            Self::EventLog(error) => error.class(),
            Self::AkExpired { .. } | Self::RevocationList { .. } => ErrorClass::Stale,
            Self::NonceEmpty | Self::Credential => ErrorClass::Misuse,
            _ => ErrorClass::Rejected,
        }
    }

    /// The name of the check that failed, as in [`checks`](crate::checks).
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::Container(_) | Self::Bank { .. } | Self::PcrValue(_) | Self::PcrOrder => {
                checks::CONTAINER.name
            }
            Self::Attest(_) => checks::ATTEST.name,
            Self::SignatureForm(_) | Self::Scheme { .. } => checks::SCHEME.name,
            Self::Public(_) | Self::Key => checks::AK_PUBLIC.name,
            Self::AttributeMissing { .. } | Self::AttributeForbidden { .. } => {
                checks::AK_ATTRIBUTES.name
            }
            Self::AkUnknown
            | Self::AkCertificateKey
            | Self::Purpose { .. }
            | Self::Certificate(_)
            | Self::RevocationList { .. }
            | Self::AkExpired { .. } => checks::AK_ENDORSED.name,
            Self::Signature => checks::SIGNATURE.name,
            Self::NonceEmpty | Self::Nonce => checks::NONCE.name,
            Self::Selection { .. } => checks::SELECTION.name,
            Self::Values { .. } => checks::VALUES.name,
            Self::PcrDigest => checks::PCR_DIGEST.name,
            Self::EventLog(_) => checks::EVENT_LOG.name,
            Self::Session { .. } => checks::SESSION.name,
            Self::EkPin | Self::Credential | Self::Activation => checks::ACTIVATION.name,
        }
    }
}
