use adyton_codec::CodecError;
use adyton_pki::PkiError;
use adyton_types::{ErrorClass, NamedCheck, UnixTime};
use thiserror::Error;

use crate::checks;

/// Why a document does not verify.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NitroError {
    /// It is longer than any document.
    #[error("a Nitro attestation document is at most 16384 bytes long, not {found}")]
    Size {
        /// Its length.
        found: usize,
    },
    /// It is not CBOR, or something follows the one item.
    #[error("the document is not one item of CBOR")]
    Cbor(#[source] CodecError),
    /// It is CBOR of another shape than COSE_Sign1.
    #[error("the document {why}: it is no COSE_Sign1")]
    Envelope {
        /// What is wrong with it.
        why: &'static str,
    },
    /// The unprotected header is not an empty map.
    #[error("the document's unprotected header is not empty")]
    Unprotected,
    /// The protected header is not exactly `{1: -35}`.
    #[error("the document's protected header is not exactly the algorithm ES384")]
    Algorithm,
    /// The payload is not a map with text keys, each once.
    #[error("the document's payload is no map with text keys, each once")]
    Payload(#[source] CodecError),
    /// A field is not as AWS says.
    #[error("field `{field}` {why}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A field that AWS does not define.
    #[error("field `{field}` is not known")]
    UnknownField {
        /// The field, cut to 80 characters.
        field: String,
    },
    /// The first certificate of the bundle has another key than AWS's root.
    #[error("the first certificate of `cabundle` does not have the key of the pinned root")]
    Root,
    /// A certificate is not one.
    #[error("certificate {index} of the chain is not acceptable")]
    Form {
        /// Its place, 0 for the root.
        index: usize,
        /// Why.
        #[source]
        cause: PkiError,
    },
    /// A certificate's key is not on P-384.
    #[error("certificate {index} of the chain has a key that is not on P-384")]
    Curve {
        /// Its place, 0 for the root.
        index: usize,
    },
    /// A certificate names another issuer than the one before it.
    #[error("certificate {index} of the chain was not issued by the one before it")]
    Issuer {
        /// Its place, 0 for the root.
        index: usize,
    },
    /// A certificate is not signed by the one before it.
    #[error("a certificate of the chain is not signed by the one before it")]
    CertificateSignature {
        /// Why.
        #[source]
        cause: PkiError,
    },
    /// The chain breaks another rule of certificate paths.
    #[error("the certificate chain is not acceptable")]
    Path {
        /// Which.
        #[source]
        cause: PkiError,
    },
    /// A certificate may not be used in its place.
    #[error("certificate {index} of the chain {why}")]
    Usage {
        /// Its place, 0 for the root.
        index: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A certificate is not valid now.
    #[error(
        "certificate {index} of the chain is valid from {from} to {until}, not at {now}; have a new document made"
    )]
    Dates {
        /// Its place, 0 for the root.
        index: usize,
        /// First second of its validity.
        from: UnixTime,
        /// Last second of its validity.
        until: UnixTime,
        /// The time asked about.
        now: UnixTime,
    },
    /// The document is not signed by its leaf certificate.
    #[error("the document is not signed by the key of its certificate")]
    Signature,
    /// The document is too old.
    #[error("the document is {age_secs} seconds old, more than {max_secs}; have a new one made")]
    Old {
        /// Its age.
        age_secs: u64,
        /// The most that was allowed.
        max_secs: u64,
    },
    /// The document was made in the future.
    #[error("the document is dated {made}, after {now}; set the clock right")]
    Future {
        /// Its date.
        made: UnixTime,
        /// The time asked about.
        now: UnixTime,
    },
}

impl NitroError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Size { .. }
            | Self::Cbor(_)
            | Self::Envelope { .. }
            | Self::Unprotected
            | Self::Algorithm
            | Self::Payload(_)
            | Self::Field { .. }
            | Self::UnknownField { .. }
            | Self::Form { .. } => ErrorClass::Malformed,
            Self::Root
            | Self::Curve { .. }
            | Self::Issuer { .. }
            | Self::CertificateSignature { .. }
            | Self::Path { .. }
            | Self::Usage { .. }
            | Self::Signature => ErrorClass::Rejected,
            Self::Dates { .. } | Self::Old { .. } | Self::Future { .. } => ErrorClass::Stale,
        }
    }

    /// The name of the check that failed, as in [`checks`](crate::checks).
    #[must_use]
    pub const fn check(&self) -> &'static str {
        self.rule().name
    }

    const fn rule(&self) -> NamedCheck {
        match self {
            Self::Size { .. } | Self::Cbor(_) | Self::Envelope { .. } => checks::ENVELOPE,
            Self::Unprotected => checks::UNPROTECTED_EMPTY,
            Self::Algorithm => checks::ALGORITHM,
            Self::Payload(_) => checks::PAYLOAD,
            Self::Field { .. } | Self::UnknownField { .. } => checks::FIELDS,
            Self::Root => checks::ROOT_PINNED,
            Self::Form { .. } | Self::Curve { .. } | Self::Path { .. } => checks::CHAIN_FORM,
            Self::Issuer { .. } => checks::CHAIN_NAMES,
            Self::CertificateSignature { .. } => checks::CHAIN_SIGNATURES,
            Self::Usage { .. } => checks::CHAIN_USAGE,
            Self::Dates { .. } => checks::CHAIN_DATES,
            Self::Signature => checks::DOCUMENT_SIGNATURE,
            Self::Old { .. } | Self::Future { .. } => checks::DOCUMENT_FRESH,
        }
    }
}
