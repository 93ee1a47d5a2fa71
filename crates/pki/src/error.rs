use adyton_types::{ErrorClass, UnixTime};
use thiserror::Error;

use crate::SignatureAlgorithm;

/// Why a certificate, a path or a revocation list is not accepted.
///
/// `index` counts the certificates of a path from the leaf, which is 0.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PkiError {
    /// The bytes are not the DER structure that they should be.
    #[error("`{what}` is not well-formed DER")]
    Der {
        /// Which field.
        what: &'static str,
    },
    /// Something measures more than its limit.
    #[error("{what} measures {found}, more than {max}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// The limit.
        max: usize,
        /// What was found.
        found: usize,
    },
    /// The text is no strict PEM (RFC 7468 section 3).
    #[error("not a strict PEM file of certificates, at line {line}")]
    Pem {
        /// The line, from 1.
        line: usize,
    },
    /// A certificate is not of version 3, or a revocation list not of version 2.
    #[error("{what} is of version {found}, not {expected}")]
    Version {
        /// Which structure.
        what: &'static str,
        /// The version that is accepted, as people count.
        expected: u8,
        /// The version found, as people count.
        found: u64,
    },
    /// An extension is there twice.
    #[error("extension {oid} is there twice")]
    DuplicateExtension {
        /// Its object identifier.
        oid: String,
    },
    /// The public key is of a kind that is not supported, or no valid key.
    #[error("the public key is of an unknown kind or not valid")]
    PublicKey,
    /// The signature algorithm or its parameters are unknown, weak, or not for this key.
    #[error("signature algorithm {oid} with these parameters is not supported for this key")]
    UnknownAlgorithm {
        /// Its object identifier.
        oid: String,
    },
    /// The algorithm in the signed part differs from that beside the signature.
    #[error("the signed part of certificate {index} names another signature algorithm")]
    AlgorithmMismatch {
        /// Which certificate.
        index: usize,
    },
    /// The signature algorithm is supported, but not allowed here.
    #[error("signature algorithm {algorithm} is not allowed here")]
    AlgorithmNotAllowed {
        /// Which.
        algorithm: SignatureAlgorithm,
    },
    /// The signature does not verify.
    #[error("the signature of {what} does not verify")]
    Signature {
        /// Signature of what.
        what: &'static str,
    },
    /// The path has no certificate.
    #[error("the certificate path is empty")]
    EmptyPath,
    /// The path has more certificates than the rules allow.
    #[error("the certificate path has {found} certificates, more than {max}")]
    PathTooLong {
        /// The most that is allowed.
        max: usize,
        /// How many there are.
        found: usize,
    },
    /// The path does not end at a pinned key.
    #[error("the certificate path does not end at a pinned root key")]
    NotAnchored,
    /// A certificate's issuer is not the subject of the next one.
    #[error("the issuer of certificate {index} is not the subject of the next")]
    IssuerMismatch {
        /// Which certificate.
        index: usize,
    },
    /// A certificate is not yet valid.
    #[error("certificate {index} is valid from {not_before}, now is {now}")]
    NotYetValid {
        /// Which certificate.
        index: usize,
        /// Its first second.
        not_before: UnixTime,
        /// The time of the verification.
        now: UnixTime,
    },
    /// A certificate has expired.
    #[error("certificate {index} expired at {not_after}, now is {now}")]
    Expired {
        /// Which certificate.
        index: usize,
        /// Its last second.
        not_after: UnixTime,
        /// The time of the verification.
        now: UnixTime,
    },
    /// A certificate that has issued another is no CA (basicConstraints).
    #[error("certificate {index} issued another, but is no CA")]
    NotACa {
        /// Which certificate.
        index: usize,
    },
    /// The leaf is a CA where an end entity is needed, or the other way round.
    #[error("the leaf certificate is {found}, not {expected}")]
    LeafKind {
        /// What is needed.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// keyUsage does not allow what the key was used for.
    #[error("key usage of certificate {index} lacks {missing}")]
    KeyUsage {
        /// Which certificate.
        index: usize,
        /// The usage that is missing.
        missing: &'static str,
    },
    /// More CAs follow than a CA's path length allows.
    #[error("certificate {index} allows {max} further CAs, {found} follow")]
    PathLength {
        /// Which certificate.
        index: usize,
        /// Its pathLenConstraint.
        max: u64,
        /// How many follow.
        found: u64,
    },
    /// A critical extension is not understood.
    #[error("critical extension {oid} is not understood")]
    CriticalExtension {
        /// Its object identifier.
        oid: String,
    },
    /// A revocation list says no nextUpdate.
    #[error("the revocation list says no next update")]
    CrlNoNextUpdate,
    /// A revocation list is not yet valid.
    #[error("the revocation list is of {this_update}, now is {now}")]
    CrlNotYetValid {
        /// When it was made.
        this_update: UnixTime,
        /// The time of the verification.
        now: UnixTime,
    },
    /// A revocation list is out of date.
    #[error("the revocation list was to be renewed by {next_update}, now is {now}: fetch it anew")]
    CrlExpired {
        /// When the next one was due.
        next_update: UnixTime,
        /// The time of the verification.
        now: UnixTime,
    },
    /// A revocation list is signed by none of the path.
    #[error("the issuer of the revocation list is not in the path")]
    CrlIssuer,
    /// No revocation list of a certificate's issuer was given.
    #[error("no revocation list of the issuer of certificate {index}: fetch it")]
    CrlMissing {
        /// Which certificate.
        index: usize,
    },
    /// A certificate is revoked.
    #[error("certificate {index}, serial {serial}, is revoked")]
    Revoked {
        /// Which certificate.
        index: usize,
        /// Its serial number in hex.
        serial: String,
    },
}

impl PkiError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Der { .. }
            | Self::TooLarge { .. }
            | Self::Pem { .. }
            | Self::Version { .. }
            | Self::DuplicateExtension { .. }
            | Self::PublicKey
            | Self::EmptyPath => ErrorClass::Malformed,
            Self::NotYetValid { .. }
            | Self::Expired { .. }
            | Self::CrlNotYetValid { .. }
            | Self::CrlExpired { .. }
            | Self::CrlMissing { .. } => ErrorClass::Stale,
            _ => ErrorClass::Rejected,
        }
    }

    /// The name of the check that failed.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::Der { .. } => "der",
            Self::TooLarge { .. } => "size",
            Self::Pem { .. } => "pem",
            Self::Version { .. } => "version",
            Self::DuplicateExtension { .. } => "duplicate-extension",
            Self::PublicKey => "public-key",
            Self::UnknownAlgorithm { .. } => "signature-algorithm",
            Self::AlgorithmMismatch { .. } => "algorithm-mismatch",
            Self::AlgorithmNotAllowed { .. } => "algorithm-allowed",
            Self::Signature { .. } => "signature",
            Self::EmptyPath | Self::PathTooLong { .. } => "path-size",
            Self::NotAnchored => "trust-anchor",
            Self::IssuerMismatch { .. } => "issuer",
            Self::NotYetValid { .. } | Self::Expired { .. } => "validity",
            Self::NotACa { .. } => "basic-constraints",
            Self::LeafKind { .. } => "leaf-kind",
            Self::KeyUsage { .. } => "key-usage",
            Self::PathLength { .. } => "path-length",
            Self::CriticalExtension { .. } => "critical-extension",
            Self::CrlNoNextUpdate | Self::CrlNotYetValid { .. } | Self::CrlExpired { .. } => {
                "crl-validity"
            }
            Self::CrlIssuer => "crl-issuer",
            Self::CrlMissing { .. } => "crl-missing",
            Self::Revoked { .. } => "revoked",
        }
    }
}
