use adyton_pki::{OcspError, PkiError};
use adyton_types::{ErrorClass, UnixTime};
use thiserror::Error;

use crate::Architecture;
use crate::checks;

/// Why Evidence of NVIDIA devices, or a manifest for them, does not verify.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NvidiaError {
    /// Longer than any is.
    #[error("{found} bytes are more than the {max} that are allowed")]
    TooLong {
        /// Length in bytes.
        found: usize,
        /// The limit.
        max: usize,
    },
    /// The Evidence is no list of devices.
    #[error("not the Evidence of NVIDIA devices: {what}")]
    Evidence {
        /// What is not as it should be.
        what: &'static str,
    },
    /// A report is not of its form.
    #[error("a device's report is not of its form: {what}")]
    Report {
        /// What is not as it should be, or where it ends too early.
        what: &'static str,
    },
    /// A field that the vendor adds to reports is missing or not of its form.
    #[error("a device's report has no valid {what}")]
    Opaque {
        /// Which.
        what: &'static str,
    },
    /// The report answers another request than one for all measurements, signed.
    #[error("the report answers a request of another {field}")]
    Request {
        /// The field of the request.
        field: &'static str,
    },
    /// The nonce is empty, or not the one of all reports.
    #[error("{what}")]
    Nonce {
        /// What is not as it should be.
        what: &'static str,
    },
    /// The device's certificates do not make a path to NVIDIA's root.
    #[error("the device's certificate chain does not verify")]
    Chain(#[source] PkiError),
    /// The leaf is of another architecture than the Evidence says, or of none that is known.
    #[error("the device's certificate is for `{found}`, not for {expected}")]
    Architecture {
        /// What the Evidence says.
        expected: Architecture,
        /// The leaf's common name.
        found: String,
    },
    /// The leaf names no firmware, or another than reports.
    #[error("{what}")]
    Fwid {
        /// What is not as it should be.
        what: &'static str,
    },
    /// A certificate of the device is revoked, or nobody says that it is not.
    #[error("the device's certificates are not known to be good")]
    Revocation(#[source] OcspError),
    /// The leaf did not sign the report.
    #[error("the report is not signed by the device's key")]
    Signature,
    /// No manifest for the version that the device reports.
    #[error(
        "there is no manifest for {what} version `{version}` of {architecture}; fetch `{id}` from NVIDIA's RIM service"
    )]
    RimMissing {
        /// Driver or VBIOS.
        what: &'static str,
        /// The architecture.
        architecture: Architecture,
        /// The version.
        version: String,
        /// The manifest's id at the RIM service.
        id: String,
    },
    /// A manifest is not in force.
    #[error(
        "the manifest for version `{version}` is in force from {not_before} to {not_after}, but it is {now}; fetch a newer one"
    )]
    RimValidity {
        /// The version that the manifest is for.
        version: String,
        /// From when on.
        not_before: UnixTime,
        /// Until when.
        not_after: UnixTime,
        /// The time of verification.
        now: UnixTime,
    },
    /// Two manifests for one version.
    #[error("there are two different manifests for version `{version}`")]
    RimTwice {
        /// The version.
        version: String,
    },
    /// Driver and VBIOS manifest judge the same measurement.
    #[error("measurement {index} is in the driver's manifest and in the VBIOS's")]
    Overlap {
        /// Counted from 0.
        index: u8,
    },
    /// Measurements that are none of the manifest's values.
    #[error("measurements {indices:?} are none of the manifests' values")]
    Measurements {
        /// Counted from 0.
        indices: Vec<u8>,
    },
    /// The manifests judge nothing.
    #[error("the manifests name no measurement")]
    NothingMeasured,
    /// The device's mode is not known, or devices are in different ones.
    #[error("a device's mode cannot be accepted: {what}")]
    Mode {
        /// Why.
        what: &'static str,
    },
    /// A manifest is not of the form that NVIDIA writes.
    #[error("not a manifest of NVIDIA's form: {what}")]
    RimForm {
        /// What is not as it should be.
        what: &'static str,
    },
    /// A manifest's certificates do not make a path to NVIDIA's RIM root.
    #[error("the manifest's certificate chain does not verify")]
    RimChain(#[source] PkiError),
    /// A certificate of a manifest is revoked, or nobody says that it is not.
    #[error("the manifest's certificates are not known to be good")]
    RimRevocation(#[source] OcspError),
    /// A manifest was changed after it was signed, or not signed by its signer.
    #[error("the manifest is not signed by its signer: {what}")]
    RimSignature {
        /// Digest or signature.
        what: &'static str,
    },
}

impl NvidiaError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::TooLong { .. }
            | Self::Evidence { .. }
            | Self::Report { .. }
            | Self::Opaque { .. }
            | Self::RimForm { .. } => ErrorClass::Malformed,
            Self::Chain(error) | Self::RimChain(error) => error.class(),
            Self::Revocation(error) | Self::RimRevocation(error) => error.class(),
            Self::Request { .. }
            | Self::Nonce { .. }
            | Self::Architecture { .. }
            | Self::Fwid { .. }
            | Self::Signature
            | Self::Overlap { .. }
            | Self::Measurements { .. }
            | Self::NothingMeasured
            | Self::Mode { .. }
            | Self::RimSignature { .. } => ErrorClass::Rejected,
            Self::RimMissing { .. } => ErrorClass::Unavailable,
            Self::RimValidity { .. } => ErrorClass::Stale,
            Self::RimTwice { .. } => ErrorClass::Misuse,
        }
    }

    /// The name of the check that failed.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::TooLong { .. } | Self::Evidence { .. } => checks::EVIDENCE_FORM.name,
            Self::Report { .. } | Self::Opaque { .. } => checks::REPORT_FORM.name,
            Self::Request { .. } => checks::REQUEST.name,
            Self::Nonce { .. } => checks::NONCE.name,
            Self::Chain(_) => checks::CHAIN.name,
            Self::Architecture { .. } => checks::ARCHITECTURE.name,
            Self::Fwid { .. } => checks::FWID.name,
            Self::Revocation(_) => checks::REVOCATION.name,
            Self::Signature => checks::SIGNATURE.name,
            Self::RimMissing { .. } | Self::RimTwice { .. } => checks::RIM_VERSION.name,
            Self::RimValidity { .. } => checks::RIM_VALIDITY.name,
            Self::Overlap { .. } => checks::RIM_OVERLAP.name,
            Self::Measurements { .. } | Self::NothingMeasured => checks::MEASUREMENTS.name,
            Self::Mode { .. } => checks::MODE.name,
            Self::RimForm { .. } => checks::RIM_FORM.name,
            Self::RimChain(_) => checks::RIM_CHAIN.name,
            Self::RimRevocation(_) => checks::RIM_REVOCATION.name,
            Self::RimSignature { .. } => checks::RIM_SIGNATURE.name,
        }
    }
}
