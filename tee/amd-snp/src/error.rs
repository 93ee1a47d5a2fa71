use std::fmt;

use adyton_pki::PkiError;
use adyton_types::{ErrorClass, Fingerprint, NamedCheck, UnixTime};
use thiserror::Error;

use crate::checks;
use crate::{Generation, TcbVersion, VekKind};

/// Which part of the Endorsements an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The root certificate (ARK).
    Ark,
    /// The certificate of the signing key (ASK or ASVK).
    Ca,
    /// The revocation list.
    Crl,
    /// The certificate of the key that signs reports (VCEK or VLEK).
    Vek,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ark => "AMD root key certificate (ARK)",
            Self::Ca => "AMD signing key certificate (ASK or ASVK)",
            Self::Crl => "AMD revocation list",
            Self::Vek => "endorsement key certificate (VCEK or VLEK)",
        })
    }
}

/// Why Evidence or an Endorsement does not verify.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SnpError {
    /// The certificate table is not one.
    #[error("not a certificate table: {why}")]
    CertTable {
        /// What is wrong with it.
        why: &'static str,
    },
    /// A certificate or the revocation list is not well-formed, or not what it has to be.
    #[error("the {part} is not acceptable")]
    Profile {
        /// Which.
        part: Part,
        /// Why.
        #[source]
        cause: PkiError,
    },
    /// A certificate is of another name or use than it has to be.
    #[error("the {part} {why}")]
    Role {
        /// Which.
        part: Part,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The root certificate's key is not pinned.
    #[error("no AMD root has the key {found}")]
    Root {
        /// SHA-256 of its SubjectPublicKeyInfo.
        found: Fingerprint,
    },
    /// A signature on an Endorsement does not verify.
    #[error("the {part} is not signed by its issuer")]
    Signature {
        /// Which.
        part: Part,
        /// Why.
        #[source]
        cause: PkiError,
    },
    /// An Endorsement is not valid now.
    #[error("the {part} is valid from {from} to {until}, not at {now}; fetch it anew from AMD KDS")]
    Dates {
        /// Which.
        part: Part,
        /// First second of its validity.
        from: UnixTime,
        /// Last second of its validity.
        until: UnixTime,
        /// The time asked about.
        now: UnixTime,
    },
    /// The revocation list is not valid now.
    #[error("the AMD revocation list is out of date; fetch it anew from AMD KDS")]
    RevocationList {
        /// Why.
        #[source]
        cause: PkiError,
    },
    /// AMD has revoked a certificate.
    #[error("the {part} is revoked")]
    Revoked {
        /// Which.
        part: Part,
    },
    /// An extension of the V*EK certificate is not as AMD says.
    #[error("extension {extension} of the endorsement key certificate {why}")]
    Extension {
        /// Which.
        extension: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The V*EK certificate is of a product that is not known here, or not of its root's generation.
    #[error("the endorsement key certificate is for product `{name}`")]
    Product {
        /// The product.
        name: String,
    },
    /// It is not as long as a report.
    #[error("an SNP report is 1184 bytes long, not {found}")]
    Length {
        /// Its length.
        found: usize,
    },
    /// It is of a version that is not known here.
    #[error("SNP reports of version {found} are not known; 2 to 5 are")]
    Version {
        /// Its version.
        found: u32,
    },
    /// A reserved byte is not zero.
    #[error("byte {at:#x} of the report is reserved and not zero")]
    Reserved {
        /// Its offset.
        at: usize,
    },
    /// It is signed with another algorithm than ECDSA P-384.
    #[error("signature algorithm {found} is not known; 1 is")]
    SignatureAlgorithm {
        /// The algorithm.
        found: u32,
    },
    /// The launch policy has not the form that the firmware enforces.
    #[error("bit 17 of launch policy {found:#x} is not one")]
    PolicyForm {
        /// The policy.
        found: u64,
    },
    /// The privilege level does not exist.
    #[error("VMPL {found:#x} does not exist")]
    Vmpl {
        /// The level.
        found: u32,
    },
    /// The Endorsements have expired, or are not valid yet.
    #[error("the Endorsements are valid from {from} to {until}; fetch them anew from AMD KDS")]
    Endorsements {
        /// First second of their validity.
        from: UnixTime,
        /// Last second of their validity.
        until: UnixTime,
    },
    /// The report is signed by a key of another kind than the certificate's, or by none.
    #[error("SIGNING_KEY is {found}, and the certificate is of a {certificate}")]
    SigningKey {
        /// The field's value.
        found: u32,
        /// The kind of the certificate's key.
        certificate: VekKind,
    },
    /// The report is of a processor that is not known here.
    #[error("processor family {family:#04x} model {model:#04x} is not known")]
    Processor {
        /// Combined family.
        family: u8,
        /// Combined model.
        model: u8,
    },
    /// The report and the certificate are of different generations.
    #[error("the report is of {found}, the certificate of {certificate}")]
    Generation {
        /// The report's.
        found: Generation,
        /// The certificate's.
        certificate: Generation,
    },
    /// The signature is not padded with zeros.
    #[error("the report's signature is longer than that of P-384")]
    SignatureEncoding,
    /// The report is not signed by the certificate's key.
    #[error("the report is not signed by the key of its certificate")]
    ReportSignature,
    /// The report is of another chip than the certificate.
    #[error("the report's CHIP_ID is not the certificate's hwID")]
    ChipId,
    /// A TCB version has reserved bytes that are not zero.
    #[error("{which} is not in the layout of {generation}")]
    TcbLayout {
        /// Which field.
        which: &'static str,
        /// The generation.
        generation: Generation,
    },
    /// The certificate was issued for another TCB.
    #[error("the report is of TCB ({reported}), the certificate of ({certified})")]
    TcbCertified {
        /// The report's `REPORTED_TCB`.
        reported: TcbVersion,
        /// The certificate's.
        certified: TcbVersion,
    },
    /// The TCB versions contradict each other.
    #[error("{lesser} does not cover {greater}")]
    TcbOrder {
        /// The field that has to cover the other.
        lesser: &'static str,
        /// The other.
        greater: &'static str,
    },
}

impl SnpError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Profile { cause, .. } => cause.class(),
            Self::CertTable { .. }
            | Self::Extension { .. }
            | Self::Length { .. }
            | Self::Version { .. }
            | Self::Reserved { .. }
            | Self::SignatureAlgorithm { .. }
            | Self::PolicyForm { .. }
            | Self::Vmpl { .. }
            | Self::SignatureEncoding
            | Self::TcbLayout { .. } => ErrorClass::Malformed,
            Self::Role { .. }
            | Self::Root { .. }
            | Self::Signature { .. }
            | Self::Revoked { .. }
            | Self::Product { .. }
            | Self::SigningKey { .. }
            | Self::Processor { .. }
            | Self::Generation { .. }
            | Self::ReportSignature
            | Self::ChipId
            | Self::TcbOrder { .. } => ErrorClass::Rejected,
            // A VCEK of the TCB before a firmware update: the one of the new TCB is to be fetched.
            Self::Dates { .. }
            | Self::RevocationList { .. }
            | Self::Endorsements { .. }
            | Self::TcbCertified { .. } => ErrorClass::Stale,
        }
    }

    /// The name of the check that failed, as in [`checks`](crate::checks).
    #[must_use]
    pub const fn check(&self) -> &'static str {
        self.rule().name
    }

    const fn rule(&self) -> NamedCheck {
        match self {
            Self::CertTable { .. } => checks::CERT_TABLE,
            Self::Profile { part, .. } | Self::Role { part, .. } => match part {
                Part::Ark => checks::ARK_PROFILE,
                Part::Ca => checks::CA_PROFILE,
                Part::Crl => checks::CRL_SIGNATURE,
                Part::Vek => checks::VEK_PROFILE,
            },
            Self::Root { .. } => checks::ARK_PINNED,
            Self::Signature { part, .. } => match part {
                Part::Ark => checks::ARK_SIGNATURE,
                Part::Ca => checks::CA_SIGNATURE,
                Part::Crl => checks::CRL_SIGNATURE,
                Part::Vek => checks::VEK_SIGNATURE,
            },
            Self::Dates { part, .. } => match part {
                Part::Ark => checks::ARK_DATES,
                Part::Ca => checks::CA_DATES,
                Part::Crl => checks::CRL_DATES,
                Part::Vek => checks::VEK_DATES,
            },
            Self::RevocationList { .. } => checks::CRL_DATES,
            Self::Revoked { part } => match part {
                Part::Vek => checks::VEK_NOT_REVOKED,
                _ => checks::CA_NOT_REVOKED,
            },
            Self::Extension { .. } => checks::VEK_EXTENSIONS,
            Self::Product { .. } => checks::VEK_PRODUCT,
            Self::Length { .. } => checks::REPORT_LENGTH,
            Self::Version { .. } => checks::REPORT_VERSION,
            Self::Reserved { .. } => checks::RESERVED_ZERO,
            Self::SignatureAlgorithm { .. } => checks::SIGNATURE_ALGORITHM,
            Self::PolicyForm { .. } => checks::POLICY_FORM,
            Self::Vmpl { .. } => checks::VMPL_FORM,
            Self::Endorsements { .. } => checks::ENDORSEMENTS_DATES,
            Self::SigningKey { .. } => checks::SIGNING_KEY,
            Self::Processor { .. } | Self::Generation { .. } => checks::GENERATION,
            Self::SignatureEncoding => checks::SIGNATURE_ENCODING,
            Self::ReportSignature => checks::REPORT_SIGNATURE,
            Self::ChipId => checks::CHIP_ID,
            Self::TcbLayout { .. } => checks::TCB_LAYOUT,
            Self::TcbCertified { .. } => checks::TCB_CERTIFIED,
            Self::TcbOrder { .. } => checks::TCB_ORDER,
        }
    }
}
