pub use adyton_types::NamedCheck;

const fn named(name: &'static str, source: &'static str) -> NamedCheck {
    NamedCheck { name, source }
}

/// The Evidence is a list of devices, each with report, chain and nonce.
pub(crate) const EVIDENCE_FORM: NamedCheck = named(
    "evidence-form",
    "NVIDIA attestation SDK, serialised evidence",
);
/// A report is a request, a response and a signature, and nothing else.
pub(crate) const REPORT_FORM: NamedCheck = named(
    "report-form",
    "DSP0274 1.1.3 section 10.11, tables 53 to 57",
);
/// The request asked for all measurements with a signature.
pub(crate) const REQUEST: NamedCheck = named("request", "DSP0274 1.1.3 table 53");
/// Every report answers the same nonce, which is not empty.
pub(crate) const NONCE: NamedCheck = named("nonce", "DSP0274 1.1.3 section 10.11.1");
/// The chain ends at NVIDIA's device root, by the rules of paths, at the time of verification.
pub(crate) const CHAIN: NamedCheck = named("certificate-chain", "RFC 5280 section 6.1");
/// The leaf is of a known architecture, and that of the Evidence.
pub(crate) const ARCHITECTURE: NamedCheck =
    named("architecture", "NVIDIA nvtrust, certificate chains");
/// The firmware that the leaf was made for is the one that reports.
pub(crate) const FWID: NamedCheck =
    named("fwid", "TCG DICE Attestation Architecture 1.1 section 6");
/// No certificate of the chain is revoked or on hold.
pub(crate) const REVOCATION: NamedCheck = named("revocation", "RFC 6960 section 4.2");
/// The leaf signed the report.
pub(crate) const SIGNATURE: NamedCheck = named("report-signature", "DSP0274 1.1.3 section 10.11.2");
/// The report's driver and VBIOS versions are those of the manifests.
pub(crate) const RIM_VERSION: NamedCheck =
    named("rim-version", "NVIDIA RIM service, ids by version");
/// The manifests are in force.
pub(crate) const RIM_VALIDITY: NamedCheck = named("rim-validity", "RFC 5280 section 6.1");
/// The manifests do not judge the same measurement.
pub(crate) const RIM_OVERLAP: NamedCheck = named("rim-overlap", "NVIDIA nvtrust, verifier");
/// Every measurement that a manifest names is one of its values.
pub(crate) const MEASUREMENTS: NamedCheck = named(
    "measurements",
    "TCG Reference Integrity Manifest Information Model 1.01",
);
/// The device is in a mode that is known, and all are in one mode.
pub(crate) const MODE: NamedCheck = named("mode", "NVIDIA attestation SDK, feature flag");

/// A manifest is XML of the one form that NVIDIA writes.
pub(crate) const RIM_FORM: NamedCheck = named("rim-form", "ISO/IEC 19770-2:2015; XMLDSIG 1.1");
/// The manifest's chain ends at NVIDIA's RIM root.
pub(crate) const RIM_CHAIN: NamedCheck = named("rim-certificate-chain", "RFC 5280 section 6.1");
/// The manifest is what its signer signed.
pub(crate) const RIM_SIGNATURE: NamedCheck = named(
    "rim-signature",
    "XMLDSIG 1.1 section 3.2; Canonical XML 1.1",
);
/// No certificate of the manifest's chain is revoked or on hold.
pub(crate) const RIM_REVOCATION: NamedCheck = named("rim-revocation", "RFC 6960 section 4.2");

/// Every check of a device, in the order in which they are made.
pub const DEVICE_CHECKS: [NamedCheck; 14] = [
    EVIDENCE_FORM,
    REPORT_FORM,
    REQUEST,
    NONCE,
    CHAIN,
    ARCHITECTURE,
    FWID,
    REVOCATION,
    SIGNATURE,
    RIM_VERSION,
    RIM_VALIDITY,
    RIM_OVERLAP,
    MEASUREMENTS,
    MODE,
];

/// Every check of a manifest, in the order in which they are made.
pub const RIM_CHECKS: [NamedCheck; 4] = [RIM_FORM, RIM_CHAIN, RIM_REVOCATION, RIM_SIGNATURE];
