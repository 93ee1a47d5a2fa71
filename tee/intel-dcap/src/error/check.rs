use adyton_pki::PkiError;

use super::{Chain, Document, IntelError};
use crate::checks::{self, CheckId};

impl IntelError {
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
            Self::PlatformTcbLevel { current: true, .. }
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
