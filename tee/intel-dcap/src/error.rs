mod chain;
mod check;
mod document;

use adyton_codec::hex_encode;
use adyton_pki::PkiError;
use adyton_types::{ErrorClass, UnixTime};
use thiserror::Error;

pub use chain::Chain;
pub use document::Document;

use crate::{IntelTee, PlatformTcb, TcbStatus};

/// Of which of a TD's two TCBs a message speaks.
const fn now(current: bool) -> &'static str {
    if current { ", as of now," } else { "" }
}

/// Why Evidence of SGX or TDX, or the Endorsements for it, are not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IntelError {
    /// The bytes end too early.
    #[error("{what} needs {needed} bytes, {left} are left")]
    Truncated {
        /// Which field.
        what: &'static str,
        /// How many it needs.
        needed: usize,
        /// How many are left.
        left: usize,
    },
    /// Bytes follow where none may.
    #[error("{found} bytes after the {what}")]
    Trailing {
        /// After what.
        what: &'static str,
        /// How many.
        found: usize,
    },
    /// A declared length is not that of the bytes.
    #[error("the {what} are declared to measure {declared} bytes, {found} are there")]
    Length {
        /// Of what.
        what: &'static str,
        /// As declared.
        declared: usize,
        /// As found.
        found: usize,
    },
    /// Something is larger than its limit.
    #[error("the {what} measures {found} bytes, more than {max}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// The limit.
        max: usize,
        /// What was found.
        found: usize,
    },
    /// The quote's version is unknown.
    #[error("quote version {found} is not supported; 3, 4 and 5 are")]
    Version {
        /// As found.
        found: u16,
    },
    /// The attestation key is of another type.
    #[error("attestation key type {found} is not supported; 2, ECDSA P-256, is")]
    KeyType {
        /// As found.
        found: u16,
    },
    /// The TEE type is unknown, or does not go with the version.
    #[error("TEE type {found:#x} is unknown or not one of quote version {version}")]
    TeeType {
        /// The quote's version.
        version: u16,
        /// As found.
        found: u32,
    },
    /// The body type is unknown.
    #[error("quote body type {found} is unknown")]
    BodyType {
        /// As found.
        found: u16,
    },
    /// The body's size is not that of its type.
    #[error("quote body type {body_type} measures {expected} bytes, {declared} are declared")]
    BodySize {
        /// The type.
        body_type: u16,
        /// Its size.
        expected: usize,
        /// As declared.
        declared: usize,
    },
    /// The header names one TEE, the body another.
    #[error("the header is that of a quote of {header}, the body that of {body}")]
    BodyOfOtherTee {
        /// The header's.
        header: IntelTee,
        /// The body's.
        body: IntelTee,
    },
    /// The quoting enclave is not Intel's.
    #[error(
        "QE vendor id {} is not Intel's, {}",
        hex_encode(found),
        hex_encode(expected)
    )]
    Vendor {
        /// Intel's.
        expected: [u8; 16],
        /// As found.
        found: [u8; 16],
    },
    /// Reserved bytes are not zero.
    #[error("{what} are not zero")]
    Reserved {
        /// Which.
        what: &'static str,
    },
    /// The certification data are of a type that cannot be read, or not of its size.
    #[error(
        "certification data of type {found} are not supported, or not of its size; type 5 is, the PCK certificate's chain, and types 1 to 3 where that chain is handed in"
    )]
    Certification {
        /// The type.
        found: u16,
    },
    /// The quote carries no PCK certificate.
    #[error(
        "the quote carries certification data of type {found}, no PCK certificate: fetch the PCK certificate chain for it from the PCS or PCCS, and hand it in with the Endorsements"
    )]
    PckNeeded {
        /// The type.
        found: u16,
    },
    /// A path or a revocation list does not hold.
    #[error("{}: {source}", chain.as_str())]
    Pki {
        /// Which.
        chain: Chain,
        /// Why.
        source: PkiError,
    },
    /// A certificate is not the one that it should be.
    #[error("{}: the certificate is of `{found}`, not of `{expected}`", chain.as_str())]
    Subject {
        /// Which path.
        chain: Chain,
        /// The commonName that is needed.
        expected: &'static str,
        /// The commonName found.
        found: String,
    },
    /// The PCK certificate's SGX extension is missing or wrong.
    #[error("the SGX extension of the PCK certificate: `{what}` is missing, twice there, or wrong")]
    PckExtension {
        /// Which part.
        what: &'static str,
    },
    /// A document is not of its form.
    #[error("the {} is not of its form: {what}", document.as_str())]
    Form {
        /// Which.
        document: Document,
        /// What is wrong.
        what: &'static str,
    },
    /// A document's signature does not verify.
    #[error("the signature of the {} does not verify", document.as_str())]
    DocumentSignature {
        /// Which.
        document: Document,
    },
    /// A document is not of its dates.
    #[error("the {} is valid from {from} to {to}, now is {now}: fetch it anew", document.as_str())]
    DocumentDates {
        /// Which.
        document: Document,
        /// Its issueDate.
        from: UnixTime,
        /// Its nextUpdate.
        to: UnixTime,
        /// The time of the verification.
        now: UnixTime,
    },
    /// A document is of another version or for another TEE.
    #[error(
        "the {} is `{id}` version {version}, not `{expected}` version {expected_version}",
        document.as_str()
    )]
    DocumentKind {
        /// Which.
        document: Document,
        /// Its id.
        id: String,
        /// Its version.
        version: u64,
        /// The id needed.
        expected: &'static str,
        /// The version needed.
        expected_version: u64,
    },
    /// A document is of an older evaluation than the caller accepts.
    #[error(
        "the {} is of TCB evaluation {found}, at least {min} is needed: fetch it anew",
        document.as_str()
    )]
    EvaluationNumber {
        /// Which.
        document: Document,
        /// The least that is accepted.
        min: u32,
        /// As found.
        found: u32,
    },
    /// The Endorsements do not cover the time of the verification.
    #[error("the Endorsements cover {from} to {to}, now is {now}: fetch them anew")]
    EndorsementPeriod {
        /// From when.
        from: UnixTime,
        /// Until when.
        to: UnixTime,
        /// The time of the verification.
        now: UnixTime,
    },
    /// The Endorsements are for the other TEE.
    #[error("the quote is of {quote}, the Endorsements are for {endorsements}")]
    OtherTee {
        /// The quote's.
        quote: IntelTee,
        /// The Endorsements'.
        endorsements: IntelTee,
    },
    /// TCB info is for other platforms.
    #[error(
        "the platform's FMSPC is {}, TCB info is for {}: fetch that of the platform",
        hex_encode(pck),
        hex_encode(tcb_info)
    )]
    Fmspc {
        /// The PCK certificate's.
        pck: [u8; 6],
        /// The TCB info's.
        tcb_info: [u8; 6],
    },
    /// TCB info is for another PCE.
    #[error(
        "the platform's PCE id is {}, TCB info is for {}",
        hex_encode(pck),
        hex_encode(tcb_info)
    )]
    PceId {
        /// The PCK certificate's.
        pck: [u8; 2],
        /// The TCB info's.
        tcb_info: [u8; 2],
    },
    /// The QE's report is not signed by the PCK.
    #[error("the QE's report is not signed by the key of the PCK certificate")]
    QeReportSignature,
    /// The QE's report does not bind the attestation key.
    #[error("the QE's report data are not the digest of the attestation key")]
    QeReportData,
    /// The QE is not the one that Intel's identity names.
    #[error(
        "the quoting enclave's {field} is {}, that of Intel's identity is {}",
        hex_encode(found),
        hex_encode(expected)
    )]
    QeIdentity {
        /// Which field.
        field: &'static str,
        /// The identity's, under its mask.
        expected: Box<[u8]>,
        /// The report's, under that mask.
        found: Box<[u8]>,
    },
    /// The QE is a debug enclave.
    #[error("the quoting enclave is a debug enclave")]
    QeDebug,
    /// The QE meets no TCB level.
    #[error("the quoting enclave's ISVSVN {found} meets no TCB level; the lowest is {lowest}")]
    QeTcbLevel {
        /// Its ISVSVN.
        found: u16,
        /// That of the lowest level.
        lowest: u16,
    },
    /// The attestation key is no point of P-256.
    #[error("the attestation key is no point of P-256")]
    AttestationKey,
    /// The quote is not signed by the attestation key.
    #[error("the quote is not signed by its attestation key")]
    QuoteSignature,
    /// The platform meets no TCB level.
    #[error(
        "the platform{} meets no level of the TCB info: it has {found}; the lowest level asks for {lowest}",
        now(*current)
    )]
    PlatformTcbLevel {
        /// What it has.
        found: Box<PlatformTcb>,
        /// What the last level in order asks for.
        lowest: Box<PlatformTcb>,
        /// Whether it is the TCB of now (TEE_TCB_SVN_2), not that of the launch.
        current: bool,
    },
    /// The TDX module is not Intel's.
    #[error(
        "the TDX module's {field} is {}, that of Intel's identity is {}",
        hex_encode(found),
        hex_encode(expected)
    )]
    TdxModule {
        /// Which field.
        field: &'static str,
        /// The identity's.
        expected: Box<[u8]>,
        /// The report's.
        found: Box<[u8]>,
    },
    /// TCB info knows no TDX module of that version.
    #[error("TCB info has no TDX module of version {version}, which the platform{} has", now(*current))]
    TdxModuleUnknown {
        /// The version, TEE_TCB_SVN byte 1.
        version: u8,
        /// Whether it is that of now.
        current: bool,
    },
    /// The TDX module meets no TCB level.
    #[error(
        "the TDX module's ISVSVN{} is {found}, which meets no TCB level; the lowest is {lowest}",
        now(*current)
    )]
    TdxModuleTcbLevel {
        /// Its ISVSVN, TEE_TCB_SVN byte 0.
        found: u8,
        /// That of the lowest level.
        lowest: u16,
        /// Whether it is that of now.
        current: bool,
    },
    /// A part of the TCB is revoked.
    #[error("the TCB of the {component} is {status}")]
    Revoked {
        /// Which part.
        component: &'static str,
        /// The status.
        status: TcbStatus,
    },
}

impl IntelError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Truncated { .. }
            | Self::Trailing { .. }
            | Self::Length { .. }
            | Self::TooLarge { .. }
            | Self::Version { .. }
            | Self::KeyType { .. }
            | Self::TeeType { .. }
            | Self::BodyType { .. }
            | Self::BodySize { .. }
            | Self::BodyOfOtherTee { .. }
            | Self::Reserved { .. }
            | Self::Certification { .. }
            | Self::Form { .. } => ErrorClass::Malformed,
            Self::PckNeeded { .. } => ErrorClass::Unavailable,
            Self::Pki { source, .. } => source.class(),
            Self::DocumentDates { .. }
            | Self::EvaluationNumber { .. }
            | Self::EndorsementPeriod { .. } => ErrorClass::Stale,
            Self::OtherTee { .. } => ErrorClass::Misuse,
            _ => ErrorClass::Rejected,
        }
    }
}
