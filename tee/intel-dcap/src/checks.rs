//! Every named check, and the document that asks for it.
//!
//! The documents: Intel SGX ECDSA QuoteLibReference and Intel TDX DCAP Quoting Library API (the
//! formats of quotes, "QF"); Intel SGX PCK Certificate and CRL Profile ("PCK"); Intel PCS API v4
//! ("PCS"); Intel SGX and TDX DCAP Quote Verification Library, its appraisal rules ("QVL"); RFC 5280.

use adyton_types::Check;

/// The checks that held so far.
pub(crate) struct Held(pub(crate) Vec<Check>);

impl Held {
    pub(crate) fn add(&mut self, id: CheckId, compared: impl Into<String>) {
        self.0.push(Check::new(id.name, id.source, compared));
    }
}

/// A named check: its name and its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckId {
    /// Its name, as in errors and in the list of checks made.
    pub name: &'static str,
    /// What asks for it.
    pub source: &'static str,
}

macro_rules! checks {
    ($($(#[$doc:meta])* $id:ident = $name:literal, $source:literal;)*) => {
        $($(#[$doc])* pub const $id: CheckId = CheckId { name: $name, source: $source };)*

        /// All of them, in the order in which they are made.
        pub const ALL: &[CheckId] = &[$($id),*];
    };
}

checks! {
    /// Version, and that it goes with the TEE.
    QUOTE_VERSION = "quote-version", "QF quote header";
    /// ECDSA over P-256.
    KEY_TYPE = "attestation-key-type", "QF quote header";
    /// SGX or TDX.
    TEE_TYPE = "tee-type", "QF quote header";
    /// The body is of a type and size that go together, and with the TEE.
    BODY_TYPE = "body-type", "QF quote body descriptor";
    /// Declared lengths consume the input; nothing follows.
    LENGTHS = "quote-length", "QF quote signature data";
    /// The quoting enclave is Intel's.
    VENDOR = "qe-vendor-id", "QF quote header";
    /// Reserved fields are zero.
    RESERVED = "reserved-zero", "QF quote header, SGX report body";
    /// The certification data are of a type that carries, or is given, a PCK certificate.
    CERTIFICATION = "certification-data", "QF certification data";
    /// The PCK certificate's path to the pinned root key.
    PCK_CHAIN = "pck-chain", "PCK 1.3, RFC 5280 section 6.1";
    /// Every certificate of it is in date.
    PCK_VALIDITY = "pck-validity", "RFC 5280 section 6.1.3 (a)(2)";
    /// None of it is revoked, by the lists of exactly its issuers.
    PCK_REVOCATION = "pck-revocation", "RFC 5280 section 6.3, PCS PCK CRL";
    /// The leaf and its issuer have the names of PCK certificates.
    PCK_SUBJECT = "pck-subject", "PCK 1.3.5";
    /// Its SGX extension is there and complete.
    PCK_EXTENSION = "pck-extension", "PCK 1.3.5 SGX extensions";
    /// The signer of TCB info and QE identity: issued directly by the root, to the pinned key.
    SIGNER_CHAIN = "tcb-signer-chain", "PCS TCB-Info-Issuer-Chain, RFC 5280 section 6.1";
    /// Its certificates are in date.
    SIGNER_VALIDITY = "tcb-signer-validity", "RFC 5280 section 6.1.3 (a)(2)";
    /// It is not revoked.
    SIGNER_REVOCATION = "tcb-signer-revocation", "RFC 5280 section 6.3";
    /// The root's revocation list: signature, issuer, dates.
    ROOT_CRL = "root-crl", "RFC 5280 section 6.3, PCS Root CA CRL";
    /// The PCK CA's path to the pinned root key, in date and not revoked.
    PCK_CRL_ISSUER = "pck-crl-issuer", "PCS SGX-PCK-CRL-Issuer-Chain";
    /// The PCK CA's revocation list: signature, issuer, dates.
    PCK_CRL = "pck-crl", "RFC 5280 section 6.3, PCS PCK CRL";
    /// TCB info is signed, over its bytes as received.
    TCB_INFO_SIGNATURE = "tcb-info-signature", "PCS Get TCB Info";
    /// It is in date.
    TCB_INFO_DATES = "tcb-info-dates", "PCS Get TCB Info";
    /// It is of version 3 and for the quote's TEE.
    TCB_INFO_KIND = "tcb-info-kind", "PCS Get TCB Info";
    /// Its form.
    TCB_INFO_FORM = "tcb-info-form", "PCS Get TCB Info, appendix A";
    /// The QE identity is signed, over its bytes as received.
    QE_IDENTITY_SIGNATURE = "qe-identity-signature", "PCS Get Enclave Identity";
    /// It is in date.
    QE_IDENTITY_DATES = "qe-identity-dates", "PCS Get Enclave Identity";
    /// It is of version 2 and for the quote's TEE.
    QE_IDENTITY_KIND = "qe-identity-kind", "PCS Get Enclave Identity";
    /// Its form.
    QE_IDENTITY_FORM = "qe-identity-form", "PCS Get Enclave Identity, appendix A";
    /// No older evaluation than the caller accepts.
    EVALUATION_NUMBER = "evaluation-number", "PCS tcbEvaluationDataNumber";
    /// The Endorsements cover the time of the verification.
    ENDORSEMENT_PERIOD = "endorsement-period", "RFC 9334 section 10.3";
    /// TCB info is for this family, model, stepping and platform.
    FMSPC = "fmspc", "QVL TCB info, PCK 1.3.5";
    /// TCB info is for this provisioning certification enclave.
    PCEID = "pceid", "QVL TCB info, PCK 1.3.5";
    /// The PCK key signed the QE's report.
    QE_REPORT_SIGNATURE = "qe-report-signature", "QF QE report signature";
    /// The QE's report data bind the attestation key.
    QE_REPORT_DATA = "qe-report-data", "QF QE report";
    /// The QE is Intel's, by signer, product, MISCSELECT and attributes.
    QE_IDENTITY = "qe-identity", "PCS Get Enclave Identity";
    /// The QE is no debug enclave.
    QE_DEBUG = "qe-debug", "Intel SDM volume 3D, ATTRIBUTES";
    /// The QE's ISVSVN meets a TCB level.
    QE_TCB_LEVEL = "qe-tcb-level", "PCS Get Enclave Identity";
    /// The attestation key signed header and body.
    QUOTE_SIGNATURE = "quote-signature", "QF quote signature";
    /// The platform meets a TCB level.
    PLATFORM_TCB_LEVEL = "platform-tcb-level", "QVL TCB level selection, PCS appendix A";
    /// The TDX module is Intel's, by signer and attributes.
    TDX_MODULE = "tdx-module", "PCS tdxModule, tdxModuleIdentities";
    /// The TDX module meets a TCB level.
    TDX_MODULE_TCB_LEVEL = "tdx-module-tcb-level", "PCS tdxModuleIdentities";
    /// The current TCB of a TD 1.5 meets levels too.
    TDX_CURRENT_TCB = "tdx-current-tcb", "QVL TEE_TCB_SVN_2";
    /// No part of the TCB is revoked.
    TCB_REVOKED = "tcb-revoked", "QVL TCB status convergence";
}
