use adyton_codec::hex_encode;
use adyton_pki::PkiError;
use adyton_types::{ErrorClass, UnixTime};
use thiserror::Error;

use crate::checks::{self, CheckId};
use crate::{IntelTee, TcbStatus};

/// Which path of certificates, or which revocation list, an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// That of the PCK certificate.
    Pck,
    /// That of the signer of TCB info or QE identity.
    Signer,
    /// That of the PCK CA, which issues the list of revoked PCK certificates.
    PckCrlIssuer,
    /// The root's revocation list.
    RootCrl,
    /// The PCK CA's revocation list.
    PckCrl,
}

impl Chain {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pck => "PCK certificate chain",
            Self::Signer => "TCB signing chain",
            Self::PckCrlIssuer => "PCK CRL issuer chain",
            Self::RootCrl => "root CRL",
            Self::PckCrl => "PCK CRL",
        }
    }
}

/// Which signed document of Intel's an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// TCB info.
    TcbInfo,
    /// Identity of the quoting enclave.
    QeIdentity,
}

impl Document {
    /// Its name for people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TcbInfo => "TCB info",
            Self::QeIdentity => "QE identity",
        }
    }
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
    #[error("QE vendor id {} is not Intel's", hex_encode(found))]
    Vendor {
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
    #[error("certification data of type {found} are not supported here, or not of its size")]
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
    #[error("the quoting enclave's {field} is not that of Intel's identity")]
    QeIdentity {
        /// Which field.
        field: &'static str,
    },
    /// The QE is a debug enclave.
    #[error("the quoting enclave is a debug enclave")]
    QeDebug,
    /// The QE meets no TCB level.
    #[error("the quoting enclave's ISVSVN {found} meets no TCB level")]
    QeTcbLevel {
        /// Its ISVSVN.
        found: u16,
    },
    /// The attestation key is no point of P-256.
    #[error("the attestation key is no point of P-256")]
    AttestationKey,
    /// The quote is not signed by the attestation key.
    #[error("the quote is not signed by its attestation key")]
    QuoteSignature,
    /// The platform meets no TCB level.
    #[error("the platform meets no level of the TCB info")]
    PlatformTcbLevel {
        /// Whether it is the TCB of now (TEE_TCB_SVN_2), not that of the launch.
        current: bool,
    },
    /// The TDX module is not Intel's.
    #[error("the TDX module's {field} is not that of Intel's identity")]
    TdxModule {
        /// Which field.
        field: &'static str,
    },
    /// TCB info knows no TDX module of that version.
    #[error("TCB info has no TDX module of version {version}")]
    TdxModuleUnknown {
        /// The version, TEE_TCB_SVN byte 1.
        version: u8,
        /// Whether it is that of now.
        current: bool,
    },
    /// The TDX module meets no TCB level.
    #[error("the TDX module's ISVSVN {found} meets no TCB level")]
    TdxModuleTcbLevel {
        /// Its ISVSVN, TEE_TCB_SVN byte 0.
        found: u8,
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

    /// The name of the check that failed.
    #[must_use]
    pub fn check(&self) -> &'static str {
        self.check_id().name
    }

    fn check_id(&self) -> CheckId {
        use Document::{QeIdentity, TcbInfo};
        match self {
            Self::Truncated { .. }
            | Self::Trailing { .. }
            | Self::Length { .. }
            | Self::TooLarge { .. } => checks::LENGTHS,
            Self::Version { .. } => checks::QUOTE_VERSION,
            Self::KeyType { .. } => checks::KEY_TYPE,
            Self::TeeType { .. } | Self::OtherTee { .. } => checks::TEE_TYPE,
            Self::BodyType { .. } | Self::BodySize { .. } | Self::BodyOfOtherTee { .. } => {
                checks::BODY_TYPE
            }
            Self::Vendor { .. } => checks::VENDOR,
            Self::Reserved { .. } => checks::RESERVED,
            Self::Certification { .. } | Self::PckNeeded { .. } => checks::CERTIFICATION,
            Self::Pki { chain, source } => chain_check(*chain, source),
            Self::Subject { chain, .. } => match chain {
                Chain::Pck => checks::PCK_SUBJECT,
                Chain::PckCrlIssuer | Chain::PckCrl => checks::PCK_CRL_ISSUER,
                Chain::Signer | Chain::RootCrl => checks::SIGNER_CHAIN,
            },
            Self::PckExtension { .. } => checks::PCK_EXTENSION,
            Self::Form { document, .. } => match document {
                TcbInfo => checks::TCB_INFO_FORM,
                QeIdentity => checks::QE_IDENTITY_FORM,
            },
            Self::DocumentSignature { document } => match document {
                TcbInfo => checks::TCB_INFO_SIGNATURE,
                QeIdentity => checks::QE_IDENTITY_SIGNATURE,
            },
            Self::DocumentDates { document, .. } => match document {
                TcbInfo => checks::TCB_INFO_DATES,
                QeIdentity => checks::QE_IDENTITY_DATES,
            },
            Self::DocumentKind { document, .. } => match document {
                TcbInfo => checks::TCB_INFO_KIND,
                QeIdentity => checks::QE_IDENTITY_KIND,
            },
            Self::EvaluationNumber { .. } => checks::EVALUATION_NUMBER,
            Self::EndorsementPeriod { .. } => checks::ENDORSEMENT_PERIOD,
            Self::Fmspc { .. } => checks::FMSPC,
            Self::PceId { .. } => checks::PCEID,
            Self::QeReportSignature => checks::QE_REPORT_SIGNATURE,
            Self::QeReportData => checks::QE_REPORT_DATA,
            Self::QeIdentity { .. } => checks::QE_IDENTITY,
            Self::QeDebug => checks::QE_DEBUG,
            Self::QeTcbLevel { .. } => checks::QE_TCB_LEVEL,
            Self::AttestationKey | Self::QuoteSignature => checks::QUOTE_SIGNATURE,
            Self::PlatformTcbLevel { current: true }
            | Self::TdxModuleUnknown { current: true, .. }
            | Self::TdxModuleTcbLevel { current: true, .. } => checks::TDX_CURRENT_TCB,
            Self::PlatformTcbLevel { .. } => checks::PLATFORM_TCB_LEVEL,
            Self::TdxModule { .. } | Self::TdxModuleUnknown { .. } => checks::TDX_MODULE,
            Self::TdxModuleTcbLevel { .. } => checks::TDX_MODULE_TCB_LEVEL,
            Self::Revoked { .. } => checks::TCB_REVOKED,
        }
    }
}

fn chain_check(chain: Chain, source: &PkiError) -> CheckId {
    let of = source.check();
    match chain {
        Chain::RootCrl => checks::ROOT_CRL,
        Chain::PckCrl => checks::PCK_CRL,
        Chain::PckCrlIssuer => checks::PCK_CRL_ISSUER,
        Chain::Pck => match of {
            "validity" => checks::PCK_VALIDITY,
            "revoked" | "crl-missing" => checks::PCK_REVOCATION,
            _ => checks::PCK_CHAIN,
        },
        Chain::Signer => match of {
            "validity" => checks::SIGNER_VALIDITY,
            "revoked" | "crl-missing" => checks::SIGNER_REVOCATION,
            _ => checks::SIGNER_CHAIN,
        },
    }
}
